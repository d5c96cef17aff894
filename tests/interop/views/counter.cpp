#include "interop/views/counter.hpp"

#include "interop/views/counter.heex.hpp"
#include "web/live/http_error.hpp"

namespace beamline::interop {

void counter::handle_params(const live::mount_params& p, live::view_socket& s) {
  const auto* page = find_string(p.params, "page");
  assigns_.page = page == nullptr ? "one" : *page;
  if (*assigns_.page == "missing-when-connected" && s.connected())
    throw live::http_error{404, "It has gone meanwhile."};
}

void counter::handle_event(const live::event& e, live::view_socket& s) {
  if (!count(e, s) && !go(e.name, s))
    view::handle_event(e, s);
}

bool counter::count(const live::event& e, live::view_socket& s) {
  if (e.name == "inc") {
    const auto* by = find_string(e.value, "by");
    assigns_.count = *assigns_.count + (by == nullptr ? 1 : std::stoi(*by));
  } else if (e.name == "later") {
    s.run_after(10ms, [this] { assigns_.count = 100; });
  } else if (e.name == "key") {
    assigns_.page = e.value.at("key").get<std::string>();
  } else if (e.name == "ask") {
    s.push_event("before", {{"n", 1}}, {.is_before_patch = true});
    s.push_event("after", {{"n", 2}});
    s.reply({{"echo", e.value}, {"count", *assigns_.count}});
    assigns_.count = *assigns_.count + 1;
  } else if (e.name == "load") {
    s.assign_async(assigns_.weather, [] { return std::string{"sunny"}; });
  } else {
    return false;
  }
  return true;
}

bool counter::go(std::string_view name, live::view_socket& s) {
  if (name == "patch") {
    s.patch("/counter?page=patched");
  } else if (name == "navigate") {
    s.put_flash("info", "navigated");
    s.navigate("/entry");
  } else if (name == "redirect") {
    s.put_flash("info", "redirected");
    s.redirect("/counter?page=redirected");
  } else {
    return false;
  }
  return true;
}

live::rendered counter::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string counter::title() const { return "Counter " + std::to_string(*assigns_.count); }

}  // namespace beamline::interop
