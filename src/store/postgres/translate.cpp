#include "store/postgres/translate.hpp"

#include "store/postgres/tokens.hpp"
#include "store/sql_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include <fmt/format.h>

namespace beamline::store::postgres {

namespace {

using kind = token::kind;

// A statement that begins with one of these would end or change what is the store's: the transaction, the session.
constexpr auto refused_words = std::to_array<std::string_view>(
    {"BEGIN",      "START", "COMMIT", "END",     "ROLLBACK", "ABORT",    "SAVEPOINT", "RELEASE", "PREPARE", "EXECUTE",
     "DEALLOCATE", "SET",   "RESET",  "DISCARD", "LISTEN",   "UNLISTEN", "COPY",      "PRAGMA",  "ATTACH",  "DETACH"});

// After these comes a name, not a type.
constexpr auto before_names = std::to_array<std::string_view>(
    {"TABLE", "INDEX", "VIEW",   "TRIGGER", "ON",         "COLUMN", "KEY",  "EXISTS", "REFERENCES", "INTO", "FROM",
     "TO",    "ADD",   "RENAME", "UPDATE",  "CONSTRAINT", "UNIQUE", "DROP", "AS",     "SELECT",     "OF"});

bool is_one_of(std::string_view text, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return is_word(text, w); });
}

std::string_view type_of(const value_view& v) {
  if (std::holds_alternative<std::int64_t>(v))
    return "::bigint";
  if (std::holds_alternative<double>(v))
    return "::double precision";
  if (std::holds_alternative<blob_view>(v))
    return "::bytea";
  return "";
}

std::string_view server_type(std::string_view word) {
  if (is_word(word, "INTEGER"))
    return "BIGINT";
  if (is_word(word, "BLOB"))
    return "BYTEA";
  if (is_word(word, "REAL"))
    return "DOUBLE PRECISION";
  return {};
}

/// A statement without the spaces at its ends.
std::vector<token> split_next(tokenizer& from) {
  auto all = std::vector<token>{};
  for (auto t = from.next(); t.is != kind::end && t.text != ";"; t = from.next())
    if (t.is != kind::space || !all.empty())
      all.push_back(t);
  while (!all.empty() && all.back().is == kind::space)
    all.pop_back();
  return all;
}

std::string_view text_of(const std::vector<token>& all) {
  const auto* begin = all.front().text.data();
  return {begin, static_cast<std::size_t>(all.back().text.data() + all.back().text.size() - begin)};
}

/// Writes one statement anew.
class writer {
public:
  writer(const std::vector<token>& all, parameters values) : all_{all}, values_{values} {
    is_definition_ = is_word(all.front().text, "CREATE") || is_word(all.front().text, "ALTER");
    is_table_ = is_definition_ && is_word(at_significant(1), "TABLE");
  }

  result<std::string> write() {
    const auto sql = text_of(all_);
    if (is_one_of(all_.front().text, refused_words))
      return error{errc::denied, fmt::format("transaction control and settings of the session are not allowed in a "
                                             "transaction: \"{}\"",
                                             excerpt(sql))};
    for (index_ = 0; index_ < all_.size(); ++index_)
      if (auto done = write_token(all_[index_]); !done)
        return done.error();
    if (highest_ != values_.size())
      return error{errc::invalid, fmt::format("{} values were given for {} placeholders in \"{}\"", values_.size(),
                                              highest_, excerpt(sql))};
    return std::move(out_);
  }

private:
  result<void> write_token(const token& t) {
    if (t.is == kind::placeholder)
      return write_placeholder(t);
    if (t.is == kind::space) {
      out_ += t.text;
      return {};
    }
    if (t.text == "?" || (t.text == ":" && brackets_ == 0 && is_name_next()))
      return misnamed(t.text == "?" ? std::string{"?"} : ":" + std::string{all_[index_ + 1].text});
    if (!write_type(t) && !is_dropped(t))
      out_ += t.text;
    follow(t);
    return {};
  }

  result<void> write_placeholder(const token& t) {
    std::size_t number = 0;
    const auto parsed = std::from_chars(t.text.data() + 1, t.text.data() + t.text.size(), number);
    if (parsed.ec != std::errc{} || number == 0)
      return misnamed(std::string{t.text});
    highest_ = std::max(highest_, number);
    out_ += t.text;
    if (number <= values_.size())
      out_ += type_of(values_[number - 1].view());
    previous_ = t.text;
    return {};
  }

  error misnamed(const std::string& placeholder) const {
    return {errc::invalid, fmt::format("placeholder \"{}\" is not of the form $1, $2, ... in \"{}\"", placeholder,
                                       excerpt(text_of(all_)))};
  }

  /// A type that is called differently there, where a type can stand.
  bool write_type(const token& t) {
    const auto type = t.is == kind::word ? server_type(t.text) : std::string_view{};
    if (type.empty())
      return false;
    const bool is_cast = is_word(previous_, "AS") && !casts_.empty() && casts_.back();
    const bool is_column = is_definition_ && is_name_before_ && !is_one_of(previous_, before_names);
    if (!is_cast && !is_column)
      return false;
    out_ += type;
    if (is_table_ && is_word(t.text, "INTEGER") && is_word(at_significant_after(index_, 1), "PRIMARY"))
      out_ += " GENERATED BY DEFAULT AS IDENTITY";
    return true;
  }

  /// Options of SQLite's tables that have no counterpart, and need none.
  [[nodiscard]] bool is_dropped(const token& t) const {
    if (!is_table_)
      return false;
    if (is_word(t.text, "AUTOINCREMENT"))
      return true;
    const auto is_option = [](std::string_view word) { return is_word(word, "STRICT") || is_word(word, "WITHOUT"); };
    return casts_.empty() && has_columns_
        && (is_option(t.text) || is_word(t.text, "ROWID")
            || (t.text == "," && is_option(at_significant_after(index_, 1))));
  }

  void follow(const token& t) {
    if (t.text == "(") {
      casts_.push_back(is_word(previous_, "CAST"));
    } else if (t.text == ")" && !casts_.empty()) {
      casts_.pop_back();
      has_columns_ = has_columns_ || casts_.empty();
    }
    if (t.text == "[")
      ++brackets_;
    else if (t.text == "]" && brackets_ > 0)
      --brackets_;
    if (casts_.empty() && is_word(t.text, "AS"))
      is_table_ = false;  // CREATE TABLE … AS: what follows is a query.
    is_name_before_ = t.is == kind::word || t.is == kind::name;
    previous_ = t.text;
  }

  [[nodiscard]] bool is_name_next() const { return index_ + 1 < all_.size() && all_[index_ + 1].is == kind::word; }

  /// The n-th token that is no space, from 0; empty if there is none.
  [[nodiscard]] std::string_view at_significant(std::size_t n) const {
    return n == 0 ? all_.front().text : at_significant_after(0, n);
  }
  [[nodiscard]] std::string_view at_significant_after(std::size_t index, std::size_t n) const {
    for (auto i = index + 1; i < all_.size(); ++i)
      if (all_[i].is != kind::space && --n == 0)
        return all_[i].text;
    return {};
  }

  const std::vector<token>& all_;
  parameters values_;
  std::string out_;
  std::size_t index_ = 0;
  std::size_t highest_ = 0;   // Placeholder.
  std::size_t brackets_ = 0;  // Open ones, in which a colon cuts an array.
  bool is_definition_ = false;
  bool is_table_ = false;
  bool has_columns_ = false;     // The list of columns is complete: options follow.
  bool is_name_before_ = false;  // The token before was a word or a name.
  std::string_view previous_;    // The token before that was no space.
  std::vector<bool> casts_;      // For each parenthesis that is open: does it belong to CAST?
};

}  // namespace

result<std::string> translate(std::string_view sql, parameters values) {
  auto tokens = tokenizer{sql};
  const auto first = split_next(tokens);
  if (first.empty())
    return error{errc::invalid, "a statement is empty"};
  if (const auto second = split_next(tokens); !second.empty())
    return error{errc::invalid, fmt::format("one statement at a time, but \"{}\" follows \"{}\"",
                                            excerpt(text_of(second)), excerpt(text_of(first)))};
  return writer{first, values}.write();
}

result<std::vector<std::string>> translate_script(std::string_view sql) {
  auto all = std::vector<std::string>{};
  auto tokens = tokenizer{sql};
  while (!tokens.is_at_end()) {
    const auto one = split_next(tokens);
    if (one.empty())
      continue;
    auto written = writer{one, {}}.write();
    if (!written)
      return written.error();
    all.push_back(std::move(*written));
  }
  return all;
}

}  // namespace beamline::store::postgres
