#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace beamline {

/// HTML that may be inserted as it is: it was escaped, or made by something that escapes. The only ways in are the
/// functions of `beamline::html` and `trusted`, so whatever becomes part of a page unescaped can be found by
/// searching for that word.
class safe_html {
public:
  safe_html() = default;

  /// States that `markup` needs no escaping. Only for markup that the program itself made.
  [[nodiscard]] static safe_html trusted(std::string markup) { return safe_html{std::move(markup)}; }

  [[nodiscard]] const std::string& str() const& noexcept { return markup_; }
  [[nodiscard]] std::string str() && noexcept { return std::move(markup_); }
  [[nodiscard]] bool empty() const noexcept { return markup_.empty(); }

  safe_html& operator+=(const safe_html& other) {
    markup_ += other.markup_;
    return *this;
  }
  [[nodiscard]] friend safe_html operator+(safe_html a, const safe_html& b) {
    a += b;
    return a;
  }
  friend bool operator==(const safe_html&, const safe_html&) = default;

private:
  explicit safe_html(std::string markup) : markup_{std::move(markup)} {}

  std::string markup_;
};

}  // namespace beamline

/// Escaping by the place where text is inserted. There is deliberately none for style attributes, style elements,
/// comments, tag names and code inside scripts: text from outside does not belong there. All functions are
/// thread-safe, append without a copy when nothing needs escaping, and leave U+0000 and malformed UTF-8 alone.
namespace beamline::html {

/// Between tags: & < > are replaced.
void append_text(std::string& out, std::string_view text);

/// Inside a quoted attribute value, with either kind of quotes: & < > " ' are replaced.
void append_attribute(std::string& out, std::string_view value);

/// Inside a quoted attribute that holds a URL (href, src, action, ...): as `append_attribute`, but a URL that is not
/// `is_safe_url` is replaced by `blocked_url`.
void append_url_attribute(std::string& out, std::string_view url);

/// What stands in the page where a URL was not safe. Leads nowhere, and is easy to find.
inline constexpr std::string_view blocked_url = "about:blank#blocked";

/// True for relative URLs and for the schemes http, https and mailto, seen with a browser's eyes: leading control
/// characters and spaces do not count, nor do tabs and line ends anywhere.
[[nodiscard]] bool is_safe_url(std::string_view url);

/// Inside a script element of type application/json (or as a value in a script): `json_text` is JSON, in which
/// < > & and the line separators U+2028 and U+2029 become \u escapes, so that no tag can be closed or opened.
void append_script_json(std::string& out, std::string_view json_text);

[[nodiscard]] safe_html text(std::string_view text);
[[nodiscard]] safe_html attribute(std::string_view value);
[[nodiscard]] safe_html url_attribute(std::string_view url);
[[nodiscard]] safe_html script_json(std::string_view json_text);

}  // namespace beamline::html
