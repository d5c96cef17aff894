#pragma once

#include "web/template/ast.hpp"
#include "web/template/diagnostics.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace beamline::web::heex {

struct token {
  enum class kind : std::uint8_t {
    end,
    text,       // `where` is the text.
    markup,     // <!-- --> and <!DOCTYPE>
    comment,    // <%!-- --%>; `inner` is what it says.
    directive,  // <%@ inner %>
    value,      // {inner}
    block,      // <%= inner %>
    statement,  // <% inner %>
    open_tag,   // <name attributes> or <name attributes />
    close_tag,  // </name>
  };
  kind what = kind::end;
  span where;
  span inner;
  std::string name;  // Of a tag; with its leading dot or colon.
  span name_where;
  std::vector<attribute> attributes;  // Of an opening tag, in their order; `:if` and its like among them.
  bool is_self_closing = false;       // Ends with />.
};

/// Cuts a template into tags, text and C++. Knows where HTML has rules of its own: nothing is read inside <script>,
/// <style> and comments, and no `{` in an element with `phx-no-curly-interpolation`.
///
/// Reports what cannot be read and goes on behind it, so a mistake does not hide the next.
class tokenizer {
public:
  tokenizer(const source& from, diagnostics& out) : source_{&from}, text_{from.text()}, out_{&out} {}

  /// The next token; after `end` always `end`.
  token next();

private:
  token raw_content();
  token text();
  token comment_or_markup();
  token embedded();
  token interpolation();
  token open_tag();
  token close_tag();
  bool attribute_of(token& tag);
  bool attribute_value(attribute& a);
  void entered(const token& tag);
  void left(std::string_view name);

  /// The C++ from `from` to `terminator`; reports and returns false if there is no end. `at_` is then behind it.
  bool code_until(std::size_t from, std::string_view terminator, std::string_view opener, span& inner);
  [[nodiscard]] bool looking_at(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  [[nodiscard]] span since(std::size_t begin) const {
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)};
  }
  [[nodiscard]] token made(token::kind what, std::size_t begin) const {
    auto t = token{};
    t.what = what;
    t.where = since(begin);
    return t;
  }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_]))
      ++at_;
  }
  std::string_view tag_name();

  const source* source_;
  std::string_view text_;
  diagnostics* out_;
  std::size_t at_ = 0;
  std::string raw_element_;                // script or style while inside of it.
  std::vector<std::string> plain_braces_;  // Elements open since one with phx-no-curly-interpolation, itself included.
};

}  // namespace beamline::web::heex
