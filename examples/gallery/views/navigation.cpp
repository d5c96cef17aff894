#include "gallery/views/navigation.hpp"

#include "gallery/views/navigation.heex.hpp"
#include "gallery/views/place.heex.hpp"
#include "web/live/form_value.hpp"
#include "web/live/http_error.hpp"

#include <algorithm>
#include <span>

namespace gallery {

namespace {

constexpr std::size_t page_rows = 2;

std::vector<planet> planets_by(std::string_view sort) {
  std::vector<planet> all{{"Mercury", 0.39}, {"Venus", 0.72},  {"Earth", 1.0},   {"Mars", 1.52},
                          {"Jupiter", 5.2},  {"Saturn", 9.58}, {"Uranus", 19.2}, {"Neptune", 30.1}};
  if (sort == "name")
    std::ranges::sort(all, {}, &planet::name);
  return all;
}

std::string param(const live::mount_params& p, std::string_view name) {
  const auto* text = beamline::find_string(p.params, name);
  return text != nullptr ? *text : std::string{};
}

}  // namespace

std::string list_path(std::int64_t page, std::string_view sort) {
  return "/navigation?page=" + std::to_string(page) + "&sort=" + std::string{sort};
}

void navigation::handle_params(const live::mount_params& p, live::view_socket&) {
  // An address is typed as easily as it is clicked: what it does not say, or says wrongly, is as at the beginning.
  assigns_.page =
      std::clamp<std::int64_t>(live::form_value<std::int64_t>::parse(param(p, "page")).value_or(1), 1, planet_pages);
  assigns_.sort = param(p, "sort") == "name" ? "name" : "distance";
  const auto all = planets_by(*assigns_.sort);
  const auto rows = std::span{all}.subspan(static_cast<std::size_t>(assigns_.page - 1) * page_rows, page_rows);
  assigns_.shown.edit().assign(rows.begin(), rows.end());
}

void navigation::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name == "last") {
    s.put_flash("info", "This is the last page. The view stayed, its address changed.");
    s.patch(list_path(planet_pages, *assigns_.sort));
  } else if (e.name == "there") {
    s.put_flash("info", "Another view has taken the page over. Nothing was loaded.");
    s.navigate("/navigation/there");
  } else if (e.name == "denied") {
    s.put_flash("error", "You were sent back, and told why.");
    s.navigate("/navigation/there");
  } else if (e.name == "load") {
    s.put_flash("info", "The browser has loaded this page.");
    s.redirect("/navigation/there");
  } else {
    view::handle_event(e, s);
  }
}

live::rendered navigation::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string navigation::title() const { return "Navigation, page " + std::to_string(assigns_.page); }

// -- the other view ----------------------------------------------------------------------------------

void place::mount(const live::mount_params& p, live::view_socket&) {
  if (param(p, "place") != "there")
    throw live::http_error{404, "There is no such place in the gallery."};
}

void place::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name != "back")
    return view::handle_event(e, s);
  s.put_flash("info", "Welcome back.");
  s.navigate("/navigation");
}

live::rendered place::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string place::title() const { return "Another place"; }

}  // namespace gallery
