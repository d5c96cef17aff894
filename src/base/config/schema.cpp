#include "base/config/schema.hpp"

#include "base/config/state.hpp"

#include <algorithm>

namespace beamline::config {

namespace {

/// One of the two names is a section or key inside the other.
bool is_inside(std::string_view outer, std::string_view inner) {
  return inner.size() > outer.size() && inner.starts_with(outer) && inner[outer.size()] == '.';
}

void check_clashes(const section_spec& old, const section_spec& added) {
  if (old.name == added.name)
    throw std::logic_error{"config: section " + added.name + " is added twice"};
  for (const auto& [outer, inner] : {std::pair{&old, &added}, std::pair{&added, &old}})
    for (const auto& k : outer->keys)
      if (auto path = outer->name + "." + k.name; path == inner->name || is_inside(path, inner->name))
        throw std::logic_error{"config: key " + path + " and section " + inner->name + " clash"};
  for (const auto& a : old.keys)
    for (const auto& b : added.keys)
      if (!a.env_variable.empty() && a.env_variable == b.env_variable)
        throw std::logic_error{"config: " + a.env_variable + " sets two keys"};
}

}  // namespace

std::size_t schema::add(section_spec s) {
  verify(s);
  for (const auto& old : sections_)
    check_clashes(*old, s);
  sections_.push_back(std::make_shared<const section_spec>(std::move(s)));
  return sections_.size() - 1;
}

void schema::ignore(std::string_view section) { ignored_.emplace_back(section); }

std::string to_string(const origin& o) {
  switch (o.from) {
    case origin::source::defaults: return "default";
    case origin::source::file: return o.name + ":" + std::to_string(o.line) + ":" + std::to_string(o.column);
    case origin::source::environment: return o.name;
    case origin::source::flag: return "--set " + o.name;
  }
  return "unknown";
}

const std::vector<std::string>& loaded::problems() const { return state_->problems; }

const std::vector<std::string>& loaded::warnings() const { return state_->warnings; }

const origin& loaded::origin_of(std::string_view path) const {
  static const origin defaults{};
  for (;;) {
    if (auto found = state_->origins.find(path); found != state_->origins.end())
      return found->second;
    // An entry that was not recorded came with the list or table it is in.
    auto cut = path.find_last_of(".[");
    if (cut == std::string_view::npos)
      return defaults;
    path = path.substr(0, cut);
  }
}

const void* loaded::object(std::size_t index, const void* tag) const {
  if (!ok())
    throw std::logic_error{"config: values asked for although loading failed: " + problems().front()};
  if (index >= state_->sections.size() || state_->sections[index]->tag != tag)
    throw std::logic_error{"config: a handle was used with values of another schema"};
  return state_->objects[index].get();
}

}  // namespace beamline::config
