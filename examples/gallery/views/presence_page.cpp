#include "gallery/views/presence_page.hpp"

#include "base/url.hpp"
#include "gallery/views/name_rule.hpp"
#include "gallery/views/presence_page.heex.hpp"
#include "pubsub/system.hpp"
#include "web/live/form.hpp"
#include "web/live/presence_count.hpp"

#include <stdexcept>

namespace gallery {

using namespace beamline;

namespace {

const std::string topic = "gallery:presence";
constexpr std::string_view presence_name = "presence";
constexpr duration patience = std::chrono::seconds{5};

std::vector<person> people_in(const json& state) {
  std::vector<person> out;
  for (const auto& [name, entry] : state.items())
    out.push_back({name, entry.at("metas").size()});
  return out;
}

[[noreturn]] void give_up(std::string_view what, const std::string& why) {
  throw std::runtime_error{"presence: " + std::string{what} + ": " + why};
}

}  // namespace

void presence_page::mount(const live::mount_params&, live::view_socket& s) {
  if (!s.connected())
    return;
  // First to hear, then to ask: so nobody is missed between the two.
  if (const auto heard = pubsub::system_of(s.env()).subscribe(s.self(), topic); !heard)
    give_up("subscribing", heard.error().message);
  ask_who_is_here(s);
  live::watch_count(s, topic);
}

void presence_page::handle_params(const live::mount_params& p, live::view_socket& s) {
  const auto* given = find_string(p.params, "name");
  const auto name = given != nullptr && !name_problem(*given) ? *given : std::string{};
  const auto before = *assigns_.name;
  assigns_.name = name;
  assigns_.problem = "";
  if (!s.connected() || name == before)
    return;
  if (!before.empty())
    leave(before, s);
  if (!name.empty())
    come(name, s);
}

void presence_page::come(const std::string& name, live::view_socket& s) {
  s.call<presence::track_answer>(
      presence::shard_of(s.env(), presence_name, topic), presence::track{topic, name, json::object(), s.self()},
      patience,
      [](const presence::track_answer& a) {
        if (!a.ok() && a.what != presence::track_answer::kind::already_tracked)
          give_up("coming", a.detail);
      },
      [](const call_error& e) { give_up("coming", to_string(e)); });
}

void presence_page::leave(const std::string& name, live::view_socket& s) {
  s.cast(presence::shard_of(s.env(), presence_name, topic), presence::untrack{topic, name, s.self()});
}

void presence_page::ask_who_is_here(live::view_socket& s) {
  s.call<json>(
      presence::presence_on(s.env(), presence_name), presence::state_of{topic}, patience,
      [this](const json& state) { assigns_.people = people_in(state); },
      [](const call_error& e) { give_up("the list", to_string(e)); });
}

void presence_page::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name == "leave")
    return s.patch("/presence");
  if (e.name != "come")
    return view::handle_event(e, s);
  const auto* name = find_string(live::form_params(e), "name");
  if (auto problem = name_problem(name != nullptr ? *name : std::string{})) {
    assigns_.problem = *problem;
    return;
  }
  const query_pairs query{{"name", *name}};
  s.patch("/presence?" + build_query(query));
}

void presence_page::handle_info(const presence::presence_diff&, live::view_socket& s) { ask_who_is_here(s); }

void presence_page::handle_info(const presence::count_changed& m, live::view_socket&) { assigns_.count = m.count; }

live::rendered presence_page::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string presence_page::title() const { return "Presence"; }

}  // namespace gallery
