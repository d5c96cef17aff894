#include "web/live/view_table.hpp"

#include "base/url.hpp"
#include "web/uri.hpp"

#include <stdexcept>
#include <utility>

namespace beamline::web::live {

namespace {

const std::string default_session = live_session{}.name;

}  // namespace

view_table::view_table() { sessions_.emplace(default_session, std::make_shared<const live_session>()); }

void view_table::add_session(live_session s) {
  const auto name = s.name;
  if (name.empty())
    throw std::invalid_argument{"a live session needs a name; it goes into tokens"};
  const bool is_again = name == default_session ? std::exchange(has_declared_default_, true) : sessions_.contains(name);
  if (is_again)
    throw std::invalid_argument{"live session \"" + name + "\" is declared twice"};
  for (const auto& [pattern, route] : routes_)
    if (route.session->name == name)
      throw std::invalid_argument{"live session \"" + name + "\" is declared after \"" + pattern
                                  + "\", which belongs to it; declare it before its routes"};
  sessions_.insert_or_assign(name, std::make_shared<const live_session>(std::move(s)));
}

void view_table::add_view(const std::string& name, view_factory make, container_element container) {
  if (name.empty())
    throw std::invalid_argument{"a live view needs a name; it goes into tokens"};
  if (auto ok = check_container(container); !ok)
    throw std::invalid_argument{"live view \"" + name + "\": " + ok.error().message};
  if (!views_.emplace(name, view_entry{std::move(make), std::move(container)}).second)
    throw std::invalid_argument{"live view \"" + name + "\" is registered twice"};
}

void view_table::add_route(std::string_view pattern, const std::string& view, const std::string& session,
                           std::string action, page_preparation prepare) {
  const auto refuse = [&](const std::string& why) {
    throw std::invalid_argument{"live route \"" + std::string{pattern} + "\": " + why};
  };
  if (!views_.contains(view))
    refuse("there is no view \"" + view + "\"; register it first");
  auto of = this->session(session);
  if (!of)
    refuse("there is no live session \"" + session + "\"; declare it first");
  patterns_.get(pattern, [](const request&, responder) {});
  routes_.emplace(std::string{pattern}, route_entry{view, std::move(action), std::move(of), std::move(prepare)});
}

const view_entry* view_table::view(std::string_view name) const {
  auto at = views_.find(name);
  return at == views_.end() ? nullptr : &at->second;
}

std::shared_ptr<const live_session> view_table::session(std::string_view name) const {
  auto at = sessions_.find(name);
  return at == sessions_.end() ? nullptr : at->second;
}

std::optional<view_table::found> view_table::find(std::string_view url) const {
  auto target = parse_target(target_of(url));
  if (!target)
    return std::nullopt;
  auto match = patterns_.find(http_method::get, target->segments);
  if (match.handle == nullptr)
    return std::nullopt;
  return found{&at(match.pattern), params_of(match.params, target->query_text)};
}

const route_entry& view_table::at(std::string_view pattern) const {
  auto at = routes_.find(pattern);
  if (at == routes_.end())
    throw std::logic_error{"no live route has the pattern \"" + std::string{pattern} + "\""};
  return at->second;
}

json view_table::params_of(const pair_list& path_params, std::string_view query_text) {
  auto parsed = parse_form(query_text);
  auto out = parsed ? std::move(*parsed) : json::object();
  for (const auto& [name, value] : path_params)
    out[name] = value;  // The path decides; a query cannot overrule it.
  return out;
}

}  // namespace beamline::web::live
