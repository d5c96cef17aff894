#include "base/json.hpp"

#include "base/utf8.hpp"

#include <cstring>
#include <iterator>
#include <limits>
#include <vector>

#include <fmt/format.h>

namespace beamline {

namespace {

// Keys and pieces of text in error messages are cut to this many octets.
constexpr std::size_t excerpt_octets_max = 64;

// What the parser says is cut to this many octets: it may quote a number with a million digits.
constexpr std::size_t reason_octets_max = 200;

std::string excerpt(std::string_view text) {
  return text.size() <= excerpt_octets_max ? json_string(text)
                                           : json_string(truncate_utf8(text, excerpt_octets_max)) + "...";
}

// Octets as nlohmann's lexer wants them, telling from outside how far it has read.
class counting_iterator {
public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  counting_iterator(const char* at, const char** seen) : at_{at}, seen_{seen} {}
  reference operator*() const { return *at_; }
  counting_iterator& operator++() {
    *seen_ = ++at_;
    return *this;
  }
  counting_iterator operator++(int) {
    auto before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const counting_iterator& a, const counting_iterator& b) { return a.at_ == b.at_; }

private:
  const char* at_;
  const char** seen_;
};

// nlohmann says "[json.exception.parse_error.101] parse error at line 1, column 3: syntax error while parsing value -
// invalid literal; last read: '1x'; expected ...". The position is said by us, and what was read may be long.
std::string reason_of(std::string_view what) {
  if (auto start = what.find(": "); start != std::string_view::npos && what.find("parse error at") < start)
    what.remove_prefix(start + 2);
  else if (auto bracket = what.find("] "); bracket != std::string_view::npos)
    what.remove_prefix(bracket + 2);
  std::string reason{what};
  constexpr std::string_view read = "; last read: '";
  if (auto start = reason.find(read); start != std::string::npos) {
    auto end = reason.rfind("'; expected ");
    if (end != std::string::npos && end < start + read.size())
      end = std::string::npos;
    reason.erase(start, end == std::string::npos ? std::string::npos : end + 1 - start);
  }
  return std::string{truncate_utf8(reason, reason_octets_max)};
}

// Builds the value from nlohmann's parse events and stops at the first thing that is not allowed. The parser is not
// recursive, so deep nesting costs no stack before it is refused here.
class builder final : public nlohmann::json_sax<json> {
public:
  explicit builder(std::size_t depth_max) : depth_max_{depth_max} {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return refuse(errc::invalid, "binary value"); }

  bool number_float(number_float_t value, const string_t& text) override {
    // The lexer falls back to a double when an integer does not fit; silently losing digits of an id is worse
    // than refusing it.
    if (text.find_first_of(".eE") == string_t::npos)
      return refuse(errc::invalid, fmt::format("integer {} does not fit into 64 bits", excerpt(text)));
    return add(value);
  }

  bool start_object(std::size_t) override { return open(json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    auto [slot, is_new] = open_.back()->get_ref<json::object_t&>().try_emplace(std::move(name));
    if (!is_new)
      return refuse(errc::invalid, fmt::format("key {} occurs twice in one object", excerpt(slot->first)));
    slot_ = &slot->second;
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& e) override {
    return refuse(errc::invalid, reason_of(e.what()));
  }

  [[nodiscard]] json& value() { return root_; }
  [[nodiscard]] const error& failure() const { return failure_; }

private:
  // Puts a value where it belongs and returns its place: the root, after the last key, or at the end of an array.
  template <class Value>
  json& place(Value&& value) {
    if (open_.empty())
      return root_ = json(std::forward<Value>(value));
    if (open_.back()->is_object())
      return *slot_ = json(std::forward<Value>(value));
    return open_.back()->get_ref<json::array_t&>().emplace_back(std::forward<Value>(value));
  }

  template <class Value>
  bool add(Value&& value) {
    place(std::forward<Value>(value));
    return true;
  }

  bool open(json container) {
    if (open_.size() == depth_max_)
      return refuse(errc::too_large, fmt::format("nested deeper than {} levels", depth_max_));
    open_.push_back(&place(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  bool refuse(errc code, std::string message) {
    failure_ = {code, std::move(message)};
    return false;
  }

  std::size_t depth_max_;
  json root_;
  std::vector<json*> open_;  // The containers being filled, outermost first. Only the last one grows.
  json* slot_ = nullptr;     // Where the value of the last key goes.
  error failure_;
};

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

void append_control(std::string& out, unsigned char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\t': out += "\\t"; return;
    case '\n': out += "\\n"; return;
    case '\f': out += "\\f"; return;
    case '\r': out += "\\r"; return;
    default: break;
  }
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u00";
  out += digits[c >> 4];
  out += digits[c & 0x0F];
}

// How many octets from `i` on can be copied as they are; whole words at a time, so possibly fewer than there are.
std::size_t plain_run(std::string_view text, std::size_t i) {
  constexpr std::uint64_t ones = 0x0101010101010101ULL;
  constexpr std::uint64_t tops = 0x8080808080808080ULL;
  auto has_zero = [](std::uint64_t word) { return (word - ones) & ~word & tops; };
  auto start = i;
  for (std::uint64_t word = 0; text.size() - i >= sizeof word; i += sizeof word) {
    std::memcpy(&word, text.data() + i, sizeof word);
    auto is_above_ascii = word & tops;
    auto is_control = (word - ones * 0x20) & ~word & tops;
    if ((is_above_ascii | is_control | has_zero(word ^ ones * '"') | has_zero(word ^ ones * '\\')) != 0)
      break;
  }
  return i - start;
}

bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; }

}  // namespace

result<json> parse_json(std::string_view text, json_limits limits) {
  if (text.size() > limits.bytes_max)
    return error{errc::too_large,
                 fmt::format("JSON of {} octets, at most {} are allowed", text.size(), limits.bytes_max)};
  const char* seen = text.data();
  builder built{limits.depth_max};
  auto first = counting_iterator{text.data(), &seen};
  auto last = counting_iterator{text.data() + text.size(), &seen};
  if (!json::sax_parse(first, last, &built))
    return error{built.failure().code,
                 fmt::format("JSON at octet {} of {}: {}", seen - text.data(), text.size(), built.failure().message)};
  return std::move(built.value());
}

std::string dump_json(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t done = 0;  // Everything before is in `out`.
  for (std::size_t i = 0;;) {
    i += plain_run(text, i);
    while (i < text.size() && is_plain(static_cast<unsigned char>(text[i])))
      ++i;
    if (i == text.size())
      break;
    auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      out.append(text, done, i - done);
      append_control(out, c);
      done = ++i;
      continue;
    }
    auto step = next_utf8(text.substr(i));
    if (!step.is_valid) {
      out.append(text, done, i - done);
      out += replacement_character;
      done = i + step.octets;
    }
    i += step.octets;
  }
  out.append(text, done, text.size() - done);
  out += '"';
}

std::string json_string(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_json_string(out, text);
  return out;
}

const json* find_field(const json& object, std::string_view key) {
  if (!object.is_object())
    return nullptr;
  const auto& fields = object.get_ref<const json::object_t&>();
  auto field = fields.find(key);
  return field == fields.end() ? nullptr : &field->second;
}

const std::string* find_string(const json& object, std::string_view key) {
  const auto* field = find_field(object, key);
  return field == nullptr ? nullptr : field->get_ptr<const std::string*>();
}

const json* find_object(const json& object, std::string_view key) {
  const auto* field = find_field(object, key);
  return field != nullptr && field->is_object() ? field : nullptr;
}

const json* find_array(const json& object, std::string_view key) {
  const auto* field = find_field(object, key);
  return field != nullptr && field->is_array() ? field : nullptr;
}

std::optional<bool> find_bool(const json& object, std::string_view key) {
  const auto* field = find_field(object, key);
  if (field == nullptr || !field->is_boolean())
    return std::nullopt;
  return field->get<bool>();
}

std::optional<std::int64_t> find_int(const json& object, std::string_view key) {
  const auto* field = find_field(object, key);
  if (field == nullptr || !field->is_number_integer())
    return std::nullopt;
  if (field->is_number_unsigned() && field->get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max())
    return std::nullopt;
  return field->get<std::int64_t>();
}

std::optional<double> find_number(const json& object, std::string_view key) {
  const auto* field = find_field(object, key);
  if (field == nullptr || !field->is_number())
    return std::nullopt;
  return field->get<double>();
}

}  // namespace beamline
