#include "base/config/convert.hpp"
#include "base/config/state.hpp"
#include "base/config/unknown.hpp"

#include <algorithm>
#include <set>

namespace beamline::config {

namespace {

constexpr std::string_view variable_prefix = "BEAMLINE_";

std::string join(std::string_view prefix, std::string_view key) {
  return prefix.empty() ? std::string{key} : std::string{prefix} + "." + std::string{key};
}

/// Where the values being read stand, and how problems in them are introduced.
struct layer {
  origin::source from;
  std::string name;  // The file, the variable, or the flag's key.
  std::string flag;  // `--set key=value`, with a secret hidden.

  [[nodiscard]] origin at(position p) const { return {from, name, p.line, p.column}; }
};

class loader {
public:
  loader(const schema& s, loaded::state& out) : schema_{s}, out_{out} {
    for (const auto& one : s.sections())
      out_.objects.push_back(one->make());
    out_.sections = s.sections();
  }

  void read(std::string_view name, std::string_view text) {
    auto root = parse(name, text);
    if (!root)
      return add_problem(root.error().message);
    walk({origin::source::file, std::string{name}, ""}, std::get<table>(root->data), "");
  }

  void read_file(const std::filesystem::path& file) {
    auto text = config::read_file(file);
    if (!text)
      return add_problem(text.error().message);
    read(file.string(), *text);
  }

  void environment(const std::map<std::string, std::string>& variables);
  void flag(const std::string& path, const std::string& text);
  void finish();

private:
  struct target {
    const section_spec* section;
    const key_spec* key;
    void* object;
    std::string path;  // Of the key.
    std::string rest;  // What follows the path of a table of text: the entry's name.
  };

  std::optional<target> find(std::string_view path) const;
  bool is_section_or_above(std::string_view path) const;
  void walk(const layer& l, const table& from, const std::string& prefix);
  void assign(const layer& l, const key_spec& k, void* object, const std::string& path, const node& from);
  void assign_tables(const layer& l, const key_spec& k, void* object, const std::string& path, const node& from);
  void fill_entry(const layer& l, const section_spec& s, void* entry, const std::string& path, const node& from);
  void check_required(std::size_t index);
  void add_problem(std::string text);
  void complain(const layer& l, const std::string& key_path, position at, const std::string& part,
                const std::string& text);

  const schema& schema_;
  loaded::state& out_;
  std::set<std::string> broken_;  // Sections with problems; rules between their keys are not run.
  std::size_t not_listed_ = 0;
};

void loader::add_problem(std::string text) {
  if (out_.problems.size() < problems_max)
    out_.problems.push_back(std::move(text));
  else
    ++not_listed_;
}

void loader::complain(const layer& l, const std::string& key_path, position at, const std::string& part,
                      const std::string& text) {
  for (const auto& s : schema_.sections())
    if (key_path.starts_with(s->name + "."))
      broken_.insert(s->name);
  switch (l.from) {
    case origin::source::environment: return add_problem(l.name + part + " " + text + " (it sets " + key_path + ")");
    case origin::source::flag: return add_problem(l.flag + ": " + key_path + part + " " + text);
    default: return add_problem(to_string(l.at(at)) + ": " + key_path + part + " " + text);
  }
}

std::optional<loader::target> loader::find(std::string_view path) const {
  for (std::size_t i = 0; i < schema_.sections().size(); ++i) {
    const auto& s = *schema_.sections()[i];
    if (!path.starts_with(s.name) || path.size() <= s.name.size() + 1 || path[s.name.size()] != '.')
      continue;
    auto key = path.substr(s.name.size() + 1);
    auto dot = std::min(key.find('.'), key.size());
    const auto* k = s.find(key.substr(0, dot));
    if (k == nullptr || (dot < key.size() && k->type != kind::map))
      continue;
    return target{&s, k, out_.objects[i].get(), join(s.name, k->name),
                  std::string{key.substr(std::min(dot + 1, key.size()))}};
  }
  return std::nullopt;
}

bool loader::is_section_or_above(std::string_view path) const {
  return std::ranges::any_of(schema_.sections(), [&](const auto& s) {
    return s->name == path || s->name.starts_with(std::string{path} + ".");
  });
}

void loader::walk(const layer& l, const table& from, const std::string& prefix) {
  for (const auto& [key, at, item] : from.members) {
    auto path = join(prefix, key);
    if (std::ranges::find(schema_.ignored(), path) != schema_.ignored().end())
      continue;
    // A key with a dot in it ("a.b" = 1) is never one of ours.
    bool is_plain = key.find('.') == std::string::npos;
    if (auto found = is_plain ? find(path) : std::nullopt; found && found->rest.empty())
      assign(l, *found->key, found->object, found->path, item);
    else if (!is_plain || !is_section_or_above(path))
      add_problem(to_string(l.at(at)) + ": " + unknown_in_file(schema_, prefix, key, item));
    else if (const auto* inner = std::get_if<table>(&item.data))
      walk(l, *inner, path);
    else
      complain(l, path, item.at, "",
               "is " + show(item, false) + ", expected a table; write its keys under [" + path + "]");
  }
}

void loader::assign(const layer& l, const key_spec& k, void* object, const std::string& path, const node& from) {
  if (k.type == kind::tables)
    return assign_tables(l, k, object, path, from);
  auto v = convert(k, from, [&](position at, const std::string& part, const std::string& text) {
    complain(l, path, at, part, text);
  });
  if (!v)
    return;
  if (auto* added = std::get_if<text_map>(&*v)) {
    // Tables of text grow from file to file; everything else is replaced.
    auto merged = std::get<text_map>(k.read(object));
    for (const auto& [name, text] : *added)
      merged[name] = text;
    if (!in_bounds(k, merged))
      return complain(l, path, from.at, "", "has more than " + std::to_string(k.count.max) + " entries in all");
    if (const auto* members = std::get_if<table>(&from.data))
      for (const auto& one : members->members)
        out_.origins.insert_or_assign(path + "." + one.key, l.at(one.value.at));
    *v = std::move(merged);
  }
  k.write(object, *v);
  out_.origins.insert_or_assign(path, l.at(from.at));
}

void loader::assign_tables(const layer& l, const key_spec& k, void* object, const std::string& path, const node& from) {
  const auto* all = std::get_if<list>(&from.data);
  if (all == nullptr)
    return complain(l, path, from.at, "",
                    "is " + show(from, k.is_secret) + ", expected tables, each under its own [[" + path + "]]");
  if (all->items.size() < k.count.min || all->items.size() > k.count.max)
    return complain(l, path, from.at, "",
                    "has " + std::to_string(all->items.size()) + " entries, expected " + std::to_string(k.count.min)
                        + " to " + std::to_string(k.count.max));
  std::erase_if(out_.origins, [&](const auto& known) { return known.first.starts_with(path + "["); });
  k.clear(object);
  out_.origins.insert_or_assign(path, l.at(from.at));
  std::size_t number = 0;
  for (const auto& item : all->items)
    fill_entry(l, *k.entry, k.append(object), path + "[" + std::to_string(++number) + "]", item);
}

void loader::fill_entry(const layer& l, const section_spec& s, void* entry, const std::string& path, const node& from) {
  const auto* members = std::get_if<table>(&from.data);
  if (members == nullptr)
    return complain(l, path, from.at, "", "is " + show(from, false) + ", expected a table");
  std::set<std::string_view> given;
  for (const auto& [key, at, item] : members->members) {
    given.insert(key);
    if (const auto* k = s.find(key))
      assign(l, *k, entry, path + "." + k->name, item);
    else
      complain(l, path + "." + shown_name(key), at, "", "is unknown; " + known_keys(s, key));
  }
  for (const auto& k : s.keys)
    if (k.is_required && !given.contains(k.name))
      complain(l, path + "." + k.name, from.at, "", "is missing, expected " + expectation(k));
}

void loader::environment(const std::map<std::string, std::string>& variables) {
  std::vector<std::string> known;
  for (std::size_t i = 0; i < schema_.sections().size(); ++i)
    for (const auto& k : schema_.sections()[i]->keys) {
      if (k.env_variable.empty())
        continue;
      known.push_back(k.env_variable);
      auto found = variables.find(k.env_variable);
      // Containers and unit files often pass variables on empty; that means "not set".
      if (found == variables.end() || found->second.empty())
        continue;
      assign({origin::source::environment, found->first, ""}, k, out_.objects[i].get(),
             join(schema_.sections()[i]->name, k.name), from_text(k, found->second));
    }
  for (const auto& [name, text] : variables)
    if (name.starts_with(variable_prefix) && std::ranges::find(known, name) == known.end())
      out_.warnings.push_back(unknown_variable(known, name));
}

void loader::flag(const std::string& path, const std::string& text) {
  auto found = find(path);
  if (!found)
    return add_problem("--set " + shown_name(path) + ": " + unknown_flag(schema_, path));
  const auto& k = *found->key;
  layer l{origin::source::flag, path, shown_flag(path, text, k.is_secret)};
  auto from = from_text(k, text);
  if (!found->rest.empty())
    from.data = table{{{found->rest, {}, node{{}, text}}}};
  else if (k.type == kind::tables)
    return complain(l, found->path, {}, "", "is a list of tables, which only a file can set: [[" + found->path + "]]");
  assign(l, k, found->object, found->path, from);
}

void loader::check_required(std::size_t index) {
  const auto& s = *schema_.sections()[index];
  for (const auto& k : s.keys) {
    auto path = join(s.name, k.name);
    if (!k.is_required || out_.origins.contains(path) || broken_.contains(s.name))
      continue;
    broken_.insert(s.name);
    add_problem(path + " is not set, expected " + expectation(k) + "; set it in a file under [" + s.name + "]"
                + (k.env_variable.empty() ? " or with --set " + path + "=…" : " or with " + k.env_variable));
  }
}

void loader::finish() {
  for (std::size_t i = 0; i < schema_.sections().size(); ++i) {
    const auto& s = *schema_.sections()[i];
    check_required(i);
    if (broken_.contains(s.name))
      continue;
    for (const auto& rule : s.checks)
      if (auto wrong = rule(out_.objects[i].get())) {
        auto path = join(s.name, wrong->key);
        auto known = out_.origins.find(path);
        add_problem((known == out_.origins.end() ? "" : to_string(known->second) + ": ") + path + " " + wrong->text);
      }
  }
  if (not_listed_ > 0)
    out_.problems.push_back("and " + std::to_string(not_listed_) + " more problems; repair these first");
}

}  // namespace

loaded schema::load(const sources& from) const {
  auto out = std::make_shared<loaded::state>();
  loader l{*this, *out};
  for (const auto& file : from.files)
    l.read_file(file);
  for (const auto& [name, text] : from.texts)
    l.read(name, text);
  l.environment(from.environment);
  for (const auto& [path, text] : from.flags)
    l.flag(path, text);
  l.finish();
  return loaded{std::move(out)};
}

}  // namespace beamline::config
