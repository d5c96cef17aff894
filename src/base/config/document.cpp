#include "base/config/document.hpp"

#include "base/config/value.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <system_error>

// The only file that includes toml++: it is slow to compile.
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace beamline::config {

namespace {

namespace fs = std::filesystem;

error at_file(const fs::path& file, errc code, const std::string& text) { return {code, file.string() + ": " + text}; }

error at_position(std::string_view name, position at, std::string_view text) {
  return {errc::invalid, std::string{name} + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": "
                             + std::string{text}};
}

position where(const toml::source_region& source) {
  return {static_cast<int>(source.begin.line), static_cast<int>(source.begin.column)};
}

bool is_before(position a, position b) { return a.line != b.line ? a.line < b.line : a.column < b.column; }

/// Copies a toml++ tree into ours. Remembers the first place that is nested too deeply.
class copier {
public:
  node copy(const toml::node& from, int depth) {
    node out{where(from.source()), {}};
    if (depth > depth_max) {
      if (!too_deep_)
        too_deep_ = out.at;
      return out;
    }
    switch (from.type()) {
      case toml::node_type::table: out.data = copy_table(*from.as_table(), depth); break;
      case toml::node_type::array: out.data = copy_list(*from.as_array(), depth); break;
      case toml::node_type::string: out.data = from.as_string()->get(); break;
      case toml::node_type::integer: out.data = from.as_integer()->get(); break;
      case toml::node_type::floating_point: out.data = from.as_floating_point()->get(); break;
      case toml::node_type::boolean: out.data = from.as_boolean()->get(); break;
      default: out.data = date{}; break;
    }
    return out;
  }

  [[nodiscard]] std::optional<position> too_deep() const { return too_deep_; }

private:
  table copy_table(const toml::table& from, int depth) {
    table out;
    for (const auto& [key, value] : from)
      out.members.push_back({std::string{key.str()}, where(key.source()), copy(value, depth + 1)});
    // toml++ sorts by name; problems read better in the order of the file.
    std::ranges::sort(out.members, is_before, &member::at);
    return out;
  }

  list copy_list(const toml::array& from, int depth) {
    list out;
    for (const auto& value : from)
      out.items.push_back(copy(value, depth + 1));
    return out;
  }

  std::optional<position> too_deep_;
};

/// The first line that is too long, or 0.
int find_long_line(std::string_view text) {
  for (int line = 1; !text.empty(); ++line) {
    auto end = std::min(text.find('\n'), text.size());
    if (end > line_bytes_max)
      return line;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return 0;
}

struct closer {
  void operator()(std::FILE* f) const { std::fclose(f); }
};

result<std::string> read_regular(const fs::path& file) {
  auto refused = [&] {
    return at_file(file, errc::io,
                   "cannot be read (" + std::generic_category().message(errno)
                       + "); give the user that runs beamline the right to read it");
  };
  std::unique_ptr<std::FILE, closer> in{std::fopen(file.c_str(), "rb")};
  if (!in)
    return refused();
  std::string text(file_bytes_max + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), in.get()));
  if (std::ferror(in.get()) != 0)
    return refused();
  if (text.size() > file_bytes_max)
    return at_file(file, errc::too_large,
                   "is larger than " + format(byte_size{file_bytes_max})
                       + ", which no configuration is; check that it is the right file");
  return text;
}

}  // namespace

result<std::string> read_file(const fs::path& file) {
  std::error_code ec;
  auto status = fs::status(file, ec);
  switch (status.type()) {
    case fs::file_type::regular: return read_regular(file);
    case fs::file_type::not_found:
      return at_file(file, errc::not_found, "no such file; check the path, which counts from the current directory");
    case fs::file_type::directory:
      return at_file(file, errc::invalid, "is a directory; name a file in it, such as " + (file / "dev.toml").string());
    case fs::file_type::none:
    case fs::file_type::unknown:
      return at_file(file, errc::io, "cannot be reached (" + ec.message() + "); check the rights of its directories");
    default: return at_file(file, errc::invalid, "is not a regular file; copy what it gives into a file and name that");
  }
}

result<node> parse(std::string_view name, std::string_view text) {
  if (int line = find_long_line(text); line != 0)
    return at_position(name, {line, static_cast<int>(line_bytes_max) + 1},
                       "the line is longer than " + format(byte_size{line_bytes_max}) + "; break it into several");
  try {
    auto parsed = toml::parse(text, std::string{name});
    copier copy;
    auto root = copy.copy(parsed, 0);
    if (auto at = copy.too_deep())
      return at_position(name, *at, "is nested deeper than " + std::to_string(depth_max) + " levels; flatten it");
    return root;
  } catch (const toml::parse_error& e) {
    // toml++ reports by exception; this is the boundary.
    return at_position(name, where(e.source()), "not valid TOML: " + std::string{e.description()});
  }
}

}  // namespace beamline::config
