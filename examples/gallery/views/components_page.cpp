#include "gallery/views/components_page.hpp"

#include "gallery/views/components_page.heex.hpp"
#include "gallery/views/counter_part.heex.hpp"

#include <algorithm>

namespace gallery {

namespace {

// One for each letter.
constexpr std::size_t counters_max = 26;
constexpr std::int64_t told_count = 10;

}  // namespace

// -- a part ----------------------------------------------------------------------------------------

void counter_part::update(const attrs& a, live::component_socket&) {
  assigns_.name = a.name;
  assigns_.unit = a.unit;
  if (a.count)
    assigns_.count = *a.count;
}

void counter_part::handle_event(const live::event& e, live::component_socket& s) {
  if (e.name != "more")
    return component::handle_event(e, s);
  assigns_.count = assigns_.count + 1;
}

live::rendered counter_part::render(live::render_context& c) const { return render_template(assigns_, c); }

// -- the page --------------------------------------------------------------------------------------

void components_page::mount(const live::mount_params&, live::view_socket&) {
  assigns_.fruits = std::vector<fruit>{{"Quince", "yellow", 320}, {"Medlar", "brown", 25}, {"Sloe", "blue", 4}};
}

void components_page::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name == "add") {
    add_counter();
  } else if (e.name == "remove") {
    const auto* id = beamline::find_string(e.value, "id");
    if (id != nullptr)
      std::erase(assigns_.counters.edit(), *id);
  } else if (e.name == "reverse") {
    std::ranges::reverse(assigns_.counters.edit());
  } else if (e.name == "set") {
    for (const auto& id : assigns_.counters)
      s.send_update<counter_part>(id, {.name = id, .unit = assigns_.unit, .count = told_count});
  } else if (e.name == "rename") {
    assigns_.unit = *assigns_.unit == "presses" ? "clicks" : "presses";
  } else {
    view::handle_event(e, s);
  }
}

void components_page::add_counter() {
  auto& all = assigns_.counters.edit();
  for (std::size_t n = 0; n < counters_max; ++n) {
    const std::string id(1, static_cast<char>('a' + n));
    if (std::ranges::find(all, id) == all.end())
      return all.push_back(id);
  }
}

live::rendered components_page::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string components_page::title() const { return "Components"; }

}  // namespace gallery
