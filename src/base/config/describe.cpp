#include "base/config/schema.hpp"

namespace beamline::config {

namespace {

/// Text that stays inside its cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string out;
  for (char c : text)
    out += c == '|' ? std::string{"\\|"} : std::string{c};
  return out;
}

std::string code(std::string_view text) { return "`" + cell(text) + "`"; }

/// What `expectation` says without its article and its example: "number from 1 to 65535".
std::string allowed(const key_spec& k) {
  if (k.type == kind::tables)
    return "list of tables, see below";
  auto text = expectation(k, true);
  if (k.type == kind::path || k.type == kind::boolean)
    return std::string{describe(k.type)};
  if (auto example = text.find(", written like"); example != std::string::npos)
    text.resize(example);
  if (auto example = text.find(", like"); example != std::string::npos)
    text.resize(example);
  for (std::string_view article : {"a ", "an "})
    if (text.starts_with(article))
      return text.substr(article.size());
  return text;
}

std::string default_of(const key_spec& k, const void* object) {
  if (k.is_required)
    return "must be given";
  if (k.type == kind::tables)
    return code("[]");
  auto v = k.read(object);
  if (const auto* text = std::get_if<std::string>(&v); k.is_secret && text != nullptr && text->empty())
    return "none";
  return k.is_secret ? "(secret)" : code(to_toml(v));
}

std::string rows(const section_spec& s, const std::string& prefix) {
  std::string out;
  auto object = s.make();
  for (const auto& k : s.keys)
    out += "| " + code(prefix + k.name) + " | " + cell(allowed(k)) + " | " + default_of(k, object.get()) + " | "
         + (k.env_variable.empty() ? "" : code(k.env_variable)) + " | " + (k.is_reloadable ? "yes" : "") + " | "
         + cell(k.help) + (k.is_secret ? " Secret: never shown." : "") + " |\n";
  for (const auto& k : s.keys)
    if (k.type == kind::tables)
      out += rows(*k.entry, prefix + k.name + "[].");
  return out;
}

}  // namespace

std::string describe(const section_spec& s) {
  return "### `[" + s.name + "]`: " + s.help
       + "\n\n| key | values | default | variable | reload | meaning |\n| --- | --- | --- | --- | --- | --- |\n"
       + rows(s, s.name + ".");
}

std::string describe(const schema& s) {
  std::string out;
  for (const auto& one : s.sections())
    out += (out.empty() ? "" : "\n") + describe(*one);
  return out;
}

}  // namespace beamline::config
