#include "base/config/diff.hpp"

#include "base/config/state.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace beamline::config {

namespace {

using state = loaded::state;

void check_same_schema(const loaded& a, const loaded& b) {
  if (!a.ok() || !b.ok())
    throw std::logic_error{"config: values that have problems cannot be compared"};
  if (a.internals().sections != b.internals().sections)
    throw std::logic_error{"config: values of different schemas cannot be compared"};
}

enum class secrets { shown, hidden };

std::string text_of(const key_spec& k, const value& v, secrets how) {
  auto text = to_toml(v);
  // That a secret is missing is no secret.
  return k.is_secret && how == secrets::hidden && text != "\"\"" ? "\"(secret)\"" : text;
}

/// Any key on one line, lists of tables as TOML's inline tables.
std::string one_line(const key_spec& k, const void* object, secrets how) {
  if (k.type != kind::tables)
    return text_of(k, k.read(object), how);
  std::string out = "[";
  for (const void* entry : k.entries(object)) {
    out += out.size() > 1 ? ", {" : "{";
    for (const auto& inner : k.entry->keys)
      out += (out.back() == '{' ? " " : ", ") + inner.name + " = " + one_line(inner, entry, how);
    out += " }";
  }
  return out + "]";
}

std::string entry_path(const std::string& key, const std::string& name) { return key + "." + name; }

class comparison {
public:
  comparison(const loaded& before, const loaded& after) : before_{before}, after_{after} {}

  void section(std::size_t index) {
    const auto& s = *before_.internals().sections[index];
    const void* old = before_.internals().objects[index].get();
    const void* fresh = after_.internals().objects[index].get();
    for (const auto& k : s.keys) {
      auto path = s.name + "." + k.name;
      if (k.type == kind::map)
        entries(k, path, std::get<text_map>(k.read(old)), std::get<text_map>(k.read(fresh)));
      else if (one_line(k, old, secrets::shown) != one_line(k, fresh, secrets::shown))
        out_.push_back({path, path, how(path), one_line(k, old, secrets::hidden), one_line(k, fresh, secrets::hidden),
                        after_.origin_of(path), k.is_reloadable});
    }
  }

  [[nodiscard]] std::vector<change> take() && { return std::move(out_); }

private:
  change::kind how(const std::string& path) const {
    if (before_.origin_of(path).from == origin::source::defaults)
      return change::kind::added;
    if (after_.origin_of(path).from == origin::source::defaults)
      return change::kind::removed;
    return change::kind::changed;
  }

  void entries(const key_spec& k, const std::string& key, const text_map& old, const text_map& fresh) {
    auto shown = [&](const std::string& text) { return text_of(k, value{text}, secrets::hidden); };
    auto names = old;
    names.insert(fresh.begin(), fresh.end());
    for (const auto& [name, ignored] : names) {
      auto was = old.find(name);
      auto is = fresh.find(name);
      auto path = entry_path(key, name);
      if (was == old.end())
        out_.push_back(
            {path, key, change::kind::added, "", shown(is->second), after_.origin_of(path), k.is_reloadable});
      else if (is == fresh.end())
        out_.push_back(
            {path, key, change::kind::removed, shown(was->second), "", after_.origin_of(key), k.is_reloadable});
      else if (was->second != is->second)
        out_.push_back({path, key, change::kind::changed, shown(was->second), shown(is->second), after_.origin_of(path),
                        k.is_reloadable});
    }
  }

  const loaded& before_;
  const loaded& after_;
  std::vector<change> out_;
};

void copy_key(const key_spec& k, const void* from, void* to) {
  if (k.type != kind::tables)
    return k.write(to, k.read(from));
  k.clear(to);
  for (const void* entry : k.entries(from)) {
    void* copy = k.append(to);
    for (const auto& inner : k.entry->keys)
      copy_key(inner, entry, copy);
  }
}

/// Origins are stored for the key, for entries (`key.name`) and for what is inside of lists (`key[1].name`).
bool belongs_to(std::string_view path, const std::string& key) {
  return path.starts_with(key) && (path.size() == key.size() || path[key.size()] == '.' || path[key.size()] == '[');
}

void copy_origins(const state& from, const std::string& key, state& to) {
  for (const auto& [path, where] : from.origins)
    if (belongs_to(path, key))
      to.origins.insert_or_assign(path, where);
}

std::optional<std::string> broken_rule(const section_spec& s, const void* object) {
  for (const auto& rule : s.checks)
    if (auto wrong = rule(object))
      return s.name + "." + wrong->key + " " + wrong->text;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(change::kind how) {
  switch (how) {
    case change::kind::changed: return "changed";
    case change::kind::added: return "added";
    case change::kind::removed: return "removed";
  }
  return "unknown";
}

std::vector<change> diff(const loaded& before, const loaded& after) {
  check_same_schema(before, after);
  comparison all{before, after};
  for (std::size_t i = 0; i < before.internals().sections.size(); ++i)
    all.section(i);
  return std::move(all).take();
}

merged merge(const loaded& base, const loaded& fresh, const std::function<bool(const std::string& key)>& takes) {
  check_same_schema(base, fresh);
  auto out = std::make_shared<state>();
  out->sections = base.internals().sections;
  out->warnings = fresh.internals().warnings;
  std::map<std::string, std::string> held_back;
  for (std::size_t i = 0; i < out->sections.size(); ++i) {
    const auto& s = *out->sections[i];
    auto fill = [&](const auto& wants) {
      auto object = s.make();
      for (const auto& k : s.keys)
        copy_key(k, (wants(s.name + "." + k.name) ? fresh : base).internals().objects[i].get(), object.get());
      return object;
    };
    auto object = fill(takes);
    auto wrong = broken_rule(s, object.get());
    if (wrong) {
      held_back.emplace(s.name, *wrong);
      object = fill([](const std::string&) { return false; });
    }
    for (const auto& k : s.keys) {
      auto key = s.name + "." + k.name;
      copy_origins((!wrong && takes(key) ? fresh : base).internals(), key, *out);
    }
    out->objects.push_back(std::move(object));
  }
  return {loaded{std::move(out)}, std::move(held_back)};
}

}  // namespace beamline::config
