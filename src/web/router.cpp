#include "web/router.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <stdexcept>

namespace beamline::web {

namespace {

constexpr auto method_count = static_cast<std::size_t>(http_method::other) + 1;

[[noreturn]] void refuse(std::string_view pattern, std::string_view why) {
  throw std::invalid_argument{"route \"" + std::string{pattern} + "\": " + std::string{why}};
}

bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::vector<std::string> split(std::string_view whole) {
  auto pattern = whole;
  if (!pattern.starts_with('/'))
    refuse(pattern, "a pattern starts with a slash");
  auto out = std::vector<std::string>{};
  auto seen = std::set<std::string, std::less<>>{};
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    auto end = std::min(pattern.find('/'), pattern.size());
    auto part = pattern.substr(0, end);
    auto is_last = end == pattern.size();
    if (part.empty() && !is_last)
      refuse(whole, "a segment is empty");
    if (part.starts_with('*') && !is_last)
      refuse(whole, "nothing can follow *name");
    if (part.starts_with(':') || part.starts_with('*')) {
      if (!is_name(part.substr(1)))
        refuse(whole, "a parameter needs a name of letters, digits and _");
      if (!seen.emplace(part.substr(1)).second)
        refuse(whole, "a parameter occurs twice");
    }
    if (!part.empty())
      out.emplace_back(part);
    pattern.remove_prefix(end);
  }
  return out;
}

}  // namespace

struct router::endpoint {
  struct entry {
    handler handle;
    std::vector<middleware> before;
  };
  std::string pattern;
  std::vector<std::string> names;  // Of the parameters, in order.
  std::array<std::optional<entry>, method_count> methods;
  std::optional<entry> any;
  socket_acceptor accept;
  upgrade_rules rules;

  [[nodiscard]] bool empty() const {
    return !any && !accept && std::ranges::none_of(methods, [](const auto& e) { return e.has_value(); });
  }
  [[nodiscard]] const entry* find(http_method m) const {
    if (const auto& own = methods[static_cast<std::size_t>(m)])
      return &*own;
    if (const auto& get = methods[static_cast<std::size_t>(http_method::get)]; get && m == http_method::head)
      return &*get;
    return any ? &*any : nullptr;
  }
  [[nodiscard]] std::string allow() const;
};

struct router::node {
  std::map<std::string, std::unique_ptr<node>, std::less<>> fixed;
  std::unique_ptr<node> param;
  std::unique_ptr<endpoint> wildcard;
  std::unique_ptr<endpoint> here;

  /// The best endpoint below this node that handles the rest of `segments`; `values` are what parameters took.
  const endpoint* find(const std::vector<std::string>& segments, std::size_t at,
                       std::vector<std::string>& values) const;
};

std::string router::endpoint::allow() const {
  auto out = std::string{};
  auto add = [&](std::string_view name) { out.append(out.empty() ? "" : ", ").append(name); };
  for (auto m : {http_method::get, http_method::head, http_method::post, http_method::put, http_method::patch,
                 http_method::delete_})
    if (find(m) != nullptr || (accept && m == http_method::get))
      add(to_string(m));
  add("OPTIONS");
  return out;
}

const router::endpoint* router::node::find(const std::vector<std::string>& segments, std::size_t at,
                                           std::vector<std::string>& values) const {
  if (at == segments.size()) {
    if (here)
      return here.get();
  } else {
    if (auto next = fixed.find(segments[at]); next != fixed.end())
      if (const auto* found = next->second->find(segments, at + 1, values))
        return found;
    if (param) {
      values.push_back(segments[at]);
      if (const auto* found = param->find(segments, at + 1, values))
        return found;
      values.pop_back();
    }
  }
  if (!wildcard)
    return nullptr;
  auto rest = std::string{};
  for (auto i = at; i < segments.size(); ++i)
    rest.append(i == at ? "" : "/").append(segments[i]);
  values.push_back(std::move(rest));
  return wildcard.get();
}

router::router() : root_{std::make_unique<node>()} {}
router::~router() = default;
router::router(router&&) noexcept = default;
router& router::operator=(router&&) noexcept = default;

std::string router::full(std::string_view pattern) const {
  return prefix_ + (pattern == "/" && !prefix_.empty() ? std::string{} : std::string{pattern});
}

router::endpoint& router::at(std::string_view pattern) {
  auto full = this->full(pattern);
  auto parts = split(full);
  auto names = std::vector<std::string>{};
  auto* place = root_.get();
  auto* slot = &place->here;
  for (const auto& part : parts) {
    if (part.front() == '*') {
      names.push_back(part.substr(1));
      slot = &place->wildcard;
      break;
    }
    auto& next = part.front() == ':' ? place->param : place->fixed[part];
    if (part.front() == ':')
      names.push_back(part.substr(1));
    if (!next)
      next = std::make_unique<node>();
    place = next.get();
    slot = &place->here;
  }
  if (!*slot) {
    *slot = std::make_unique<endpoint>();
    (*slot)->pattern = full;
    (*slot)->names = std::move(names);
  } else if ((*slot)->names != names) {
    refuse(full, "matches the same requests as \"" + (*slot)->pattern + "\" but names its parameters differently");
  }
  return **slot;
}

void router::add(http_method m, std::string_view pattern, handler h) {
  auto& place = at(pattern);
  auto& slot = place.methods[static_cast<std::size_t>(m)];
  if (slot)
    refuse(place.pattern, std::string{to_string(m)} + " has a handler already");
  slot = endpoint::entry{std::move(h), before_};
}

void router::any(std::string_view pattern, handler h) {
  auto& place = at(pattern);
  if (place.any)
    refuse(place.pattern, "every method has a handler already");
  place.any = endpoint::entry{std::move(h), before_};
}

void router::websocket(std::string_view pattern, socket_acceptor accept, upgrade_rules rules) {
  auto& place = at(pattern);
  if (!place.empty())
    refuse(place.pattern, "a WebSocket endpoint shares its pattern with nothing else");
  place.accept = std::move(accept);
  place.rules = std::move(rules);
}

void router::use(middleware m) { before_.push_back(std::move(m)); }

void router::group(std::string_view prefix, const std::function<void(router&)>& add_routes) {
  if (!prefix.empty() && (!prefix.starts_with('/') || prefix.ends_with('/')))
    refuse(prefix, "a group's prefix starts with a slash and does not end with one");
  auto prefix_size = prefix_.size();
  auto before_size = before_.size();
  prefix_.append(prefix);
  add_routes(*this);
  prefix_.resize(prefix_size);
  before_.resize(before_size);
}

router::match router::find(http_method m, const std::vector<std::string>& segments) const {
  auto out = match{};
  auto values = std::vector<std::string>{};
  const auto* place = root_->find(segments, 0, values);
  if (place == nullptr || place->empty())
    return out;
  out.pattern = place->pattern;
  for (std::size_t i = 0; i < values.size(); ++i)
    out.params.emplace_back(place->names[i], std::move(values[i]));
  if (place->accept) {
    out.accept = &place->accept;
    out.rules = &place->rules;
  } else if (const auto* entry = place->find(m)) {
    out.handle = &entry->handle;
    out.before = &entry->before;
  } else {
    out.allow = place->allow();
  }
  return out;
}

std::vector<std::string> router::describe() const {
  auto out = std::vector<std::string>{};
  auto add = [&](const endpoint* place) {
    if (place != nullptr && !place->empty())
      out.push_back(place->pattern + (place->accept ? "  WebSocket" : place->any ? "  any" : "  " + place->allow()));
  };
  auto open = std::vector<const node*>{root_.get()};
  while (!open.empty()) {
    const auto* place = open.back();
    open.pop_back();
    add(place->here.get());
    add(place->wildcard.get());
    for (const auto& [text, next] : place->fixed)
      open.push_back(next.get());
    if (place->param)
      open.push_back(place->param.get());
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace beamline::web
