#include "base/config/state.hpp"

#include <algorithm>

namespace beamline::config {

namespace {

// Comments start here unless the value is longer.
constexpr std::size_t comment_column = 48;

bool is_bare_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

class printer {
public:
  explicit printer(const loaded& c) : config_{c} {}

  void section(const section_spec& s, const void* object) {
    header("[" + s.name + "]");
    keys(s, s.name, s.name, object);
  }

  [[nodiscard]] std::string take() && { return std::move(out_); }

private:
  void header(const std::string& text) { out_ += (out_.empty() ? "" : "\n") + text + "\n"; }

  void line(std::string_view key, const std::string& text, const std::string& path) {
    auto start = (is_bare_key(key) ? std::string{key} : quote(key)) + " = " + text;
    start.resize(std::max(start.size() + 2, comment_column), ' ');
    out_ += start + "# " + to_string(config_.origin_of(path)) + "\n";
  }

  /// `name` is what headers say, `path` what origins are stored under: they differ inside lists.
  void keys(const section_spec& s, const std::string& name, const std::string& path, const void* object) {
    for (const auto& k : s.keys)
      if (k.type != kind::map && k.type != kind::tables)
        line(k.name, shown(k, k.read(object)), path + "." + k.name);
    // Tables come last: in TOML everything after their header is theirs.
    for (const auto& k : s.keys) {
      if (k.type == kind::map)
        map(k, name + "." + k.name, path + "." + k.name, object);
      else if (k.type == kind::tables)
        tables(k, name + "." + k.name, path + "." + k.name, object);
    }
  }

  void map(const key_spec& k, const std::string& name, const std::string& path, const void* object) {
    auto v = k.read(object);
    const auto& all = std::get<text_map>(v);
    if (all.empty())
      return;
    header("[" + name + "]");
    for (const auto& [key, text] : all)
      line(key, k.is_secret ? "\"(secret)\"" : quote(text), path + "." + key);
  }

  void tables(const key_spec& k, const std::string& name, const std::string& path, const void* object) {
    std::size_t number = 0;
    for (const void* entry : k.entries(object)) {
      header("[[" + name + "]]");
      keys(*k.entry, name, path + "[" + std::to_string(++number) + "]", entry);
    }
  }

  static std::string shown(const key_spec& k, const value& v) {
    auto text = to_toml(v);
    // That a secret is missing is no secret.
    return k.is_secret && text != "\"\"" ? "\"(secret)\"" : text;
  }

  const loaded& config_;
  std::string out_;
};

}  // namespace

std::string dump(const loaded& c) {
  const auto& state = c.internals();
  printer out{c};
  for (std::size_t i = 0; i < state.sections.size(); ++i)
    out.section(*state.sections[i], state.objects[i].get());
  return std::move(out).take();
}

}  // namespace beamline::config
