#include "apps/event_horizon/content/highlight.hpp"

#include "apps/event_horizon/content/languages.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

namespace beamline::event_horizon {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower(std::string_view text) {
  auto out = std::string{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

bool is_one_of(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Walks over the code once, from token to token.
class painter {
public:
  painter(std::string_view code, const code_language& l) : code_{code}, language_{l} {}

  std::string paint() && {
    while (at_ < code_.size()) {
      auto before = at_;
      switch (language_.how) {
        case scanner::words: paint_word_or_mark(); break;
        case scanner::markup: paint_markup(); break;
        case scanner::style_sheet: paint_style(); break;
        case scanner::diff: paint_diff_line(); break;
      }
      if (at_ == before)
        take(nullptr, 1);
    }
    return std::move(out_);
  }

private:
  // -- common ----------------------------------------------------------------------------------

  [[nodiscard]] std::string_view rest() const { return code_.substr(at_); }
  [[nodiscard]] bool at_text(std::string_view mark) const { return !mark.empty() && rest().starts_with(mark); }
  [[nodiscard]] bool is_in_word(char c) const {
    return is_letter(c) || is_digit(c) || language_.word_extra.find(c) != std::string_view::npos;
  }

  /// Writes the next octets, in a span of that class, or in none.
  void take(const char* kind, std::size_t octets) {
    auto part = code_.substr(at_, octets);
    at_ += part.size();
    if (kind == nullptr)
      return html::append_text(out_, part);
    out_ += "<span class=\"hl-";
    out_ += kind;
    out_ += "\">";
    html::append_text(out_, part);
    out_ += "</span>";
  }
  /// Up to and with `end`, or to the end of the code.
  void take_until(const char* kind, std::string_view end, std::size_t from) {
    auto found = rest().find(end, from);
    take(kind, found == std::string_view::npos ? rest().size() : found + end.size());
  }
  void take_line(const char* kind) { take(kind, std::min(rest().find('\n'), rest().size())); }

  [[nodiscard]] bool is_line_start() const {
    auto before = code_.substr(0, at_);
    auto last = before.find_last_not_of(" \t-");
    return last == std::string_view::npos || before[last] == '\n' || before[last] == '{' || before[last] == ',';
  }

  // -- languages of words and marks ------------------------------------------------------------

  void paint_word_or_mark() {
    char c = code_[at_];
    if (paint_comment())
      return;
    if (language_.quotes.find(c) != std::string_view::npos)
      return paint_string(c);
    if (is_digit(c))
      return take("n", number_octets());
    if (language_.has_directives && c == '#' && is_line_start())
      return take("a", word_octets(1));
    bool is_atom = language_.has_atoms && c == ':' && at_ + 1 < code_.size() && is_letter(code_[at_ + 1])
                && (at_ == 0 || code_[at_ - 1] != ':');
    if (is_atom)
      return take("a", word_octets(1));
    if (is_letter(c) || c == '_')
      return paint_word();
    // Runs of white space and marks go out in one piece.
    auto n = std::size_t{1};
    while (at_ + n < code_.size() && (code_[at_ + n] == ' ' || code_[at_ + n] == '\n'))
      ++n;
    take(nullptr, n);
  }

  bool paint_comment() {
    if (at_text(language_.block_begin)) {
      take_until("c", language_.block_end, language_.block_begin.size());
      return true;
    }
    if (!at_text(language_.line_comment))
      return false;
    // In shells and their like a # inside a word is none.
    if (language_.line_comment == "#" && at_ > 0
        && std::string_view{" \t\n;({["}.find(code_[at_ - 1]) == std::string_view::npos)
      return false;
    take_line("c");
    return true;
  }

  void paint_string(char quote) {
    bool is_key = language_.has_keys && is_line_start();
    auto octets = string_octets(quote);
    auto after = code_.substr(at_ + octets);
    auto next = after.find_first_not_of(" \t");
    is_key = is_key && next != std::string_view::npos && (after[next] == ':' || after[next] == '=');
    take(is_key ? "a" : "s", octets);
  }

  [[nodiscard]] std::size_t string_octets(char quote) const {
    auto text = rest();
    bool is_long = language_.long_quotes.find(quote) != std::string_view::npos && text.size() > 2 && text[1] == quote
                && text[2] == quote;
    if (is_long) {
      auto end = text.find(std::string(3, quote), 3);
      return end == std::string_view::npos ? text.size() : end + 3;
    }
    bool has_lines = language_.lines_quotes.find(quote) != std::string_view::npos;
    for (auto i = std::size_t{1}; i < text.size(); ++i) {
      if (text[i] == '\\')
        ++i;
      else if (text[i] == quote)
        return i + 1;
      else if (text[i] == '\n' && !has_lines)
        return i;  // An apostrophe, or a text that nobody closed.
    }
    return text.size();
  }

  [[nodiscard]] std::size_t number_octets() const {
    auto text = rest();
    auto n = std::size_t{1};
    while (n < text.size() && (is_digit(text[n]) || is_letter(text[n]) || text[n] == '.' || text[n] == '_'))
      ++n;
    while (text[n - 1] == '.')
      --n;
    return n;
  }

  [[nodiscard]] std::size_t word_octets(std::size_t from) const {
    auto text = rest();
    auto n = from;
    while (n < text.size() && is_in_word(text[n]))
      ++n;
    return n;
  }

  void paint_word() {
    auto octets = word_octets(1);
    auto word = rest().substr(0, octets);
    auto compared = language_.ignores_case ? lower(word) : std::string{word};
    const char* kind = nullptr;
    auto after = code_.substr(at_ + octets);
    auto next = after.find_first_not_of(" \t");
    bool is_before_mark = next != std::string_view::npos && (after[next] == ':' || after[next] == '=');
    if (is_one_of(language_.keywords, compared))
      kind = "k";
    else if (is_one_of(language_.constants, compared))
      kind = "n";
    else if (is_one_of(language_.types, compared))
      kind = "t";
    else if (language_.has_keys && is_before_mark && is_line_start())
      kind = "a";
    else if (language_.has_atoms && after.starts_with(": "))
      kind = "a";
    else if (language_.has_capital_types && word.front() >= 'A' && word.front() <= 'Z')
      kind = "t";
    take(kind, octets);
  }

  // -- markup ----------------------------------------------------------------------------------

  void paint_markup() {
    if (at_text("<!--"))
      return take_until("c", "-->", 4);
    if (is_in_tag_)
      return paint_in_tag();
    if (code_[at_] == '<' && at_ + 1 < code_.size()
        && (is_letter(code_[at_ + 1]) || code_[at_ + 1] == '/' || code_[at_ + 1] == '!' || code_[at_ + 1] == '.')) {
      is_in_tag_ = true;
      return take("t", 2 + markup_word(2));
    }
    take(nullptr, std::max<std::size_t>(1, std::min(rest().find('<', 1), rest().size())));
  }

  [[nodiscard]] std::size_t markup_word(std::size_t from) const {
    auto text = rest();
    auto n = from;
    while (n < text.size()
           && (is_letter(text[n]) || is_digit(text[n])
               || std::string_view{"-_:.@"}.find(text[n]) != std::string_view::npos))
      ++n;
    return n - from;
  }

  void paint_in_tag() {
    char c = code_[at_];
    if (c == '>') {
      is_in_tag_ = false;
      return take("t", 1);
    }
    if (c == '"' || c == '\'')
      return take_until("s", std::string_view{&c, 1}, 1);
    if (auto n = markup_word(0); n > 0)
      return take("a", n);
    take(c == '/' ? "t" : nullptr, 1);
  }

  // -- style sheets ----------------------------------------------------------------------------

  void paint_style() {
    char c = code_[at_];
    if (paint_comment())
      return;
    if (c == '"' || c == '\'')
      return take("s", string_octets(c));
    if (c == '{' || c == '}' || c == ';') {
      depth_ += c == '{' ? 1 : c == '}' && depth_ > 0 ? -1 : 0;
      return take(nullptr, 1);
    }
    if (c == '@')
      return take("k", word_octets(1));
    if (is_digit(c) || (c == '#' && depth_ > 0))
      return take("n", std::max(word_octets(1), c == '#' ? std::size_t{1} : number_octets()));
    if (!is_letter(c) && c != '-' && c != '.' && c != '#')
      return take(nullptr, 1);
    auto n = word_octets(1);
    auto after = rest().substr(std::min(n, rest().size()));
    auto next = after.find_first_not_of(" \t");
    bool is_property = depth_ > 0 && next != std::string_view::npos && after[next] == ':';
    take(is_property ? "a" : depth_ == 0 ? "t" : nullptr, n);
  }

  // -- diffs -----------------------------------------------------------------------------------

  void paint_diff_line() {
    if (at_text("+++") || at_text("---") || at_text("diff ") || at_text("index "))
      take_line("c");
    else if (at_text("@@"))
      take_line("a");
    else if (at_text("+"))
      take_line("i");
    else if (at_text("-"))
      take_line("d");
    else
      take_line(nullptr);
    if (at_ < code_.size())
      take(nullptr, 1);
  }

  std::string_view code_;
  const code_language& language_;
  std::string out_;
  std::size_t at_ = 0;
  int depth_ = 0;  // Of braces, in style sheets.
  bool is_in_tag_ = false;
};

}  // namespace

safe_html highlight_code(std::string_view code, std::string_view language) {
  const auto* known = find_language(lower(language));
  return known == nullptr ? html::text(code) : safe_html::trusted(painter{code, *known}.paint());
}

bool is_highlighted(std::string_view language) { return find_language(lower(language)) != nullptr; }

}  // namespace beamline::event_horizon
