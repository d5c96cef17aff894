#include "apps/event_horizon/content/front_value.hpp"

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <new>
#include <utility>
#include <yaml.h>

namespace beamline::event_horizon {

namespace {

/// An event of the library, given back when the next one comes.
class yaml_event {
public:
  yaml_event() = default;
  ~yaml_event() { yaml_event_delete(&event_); }
  yaml_event(const yaml_event&) = delete;
  yaml_event& operator=(const yaml_event&) = delete;

  yaml_event_t* operator->() noexcept { return &event_; }
  yaml_event_t* get() noexcept { return &event_; }
  [[nodiscard]] yaml_event_type_t type() const noexcept { return event_.type; }
  [[nodiscard]] int line() const { return static_cast<int>(event_.start_mark.line) + 1; }

private:
  yaml_event_t event_{};
};

/// Thrown within this file only: ends the walk from any depth.
struct refused {
  front_error why;
};

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+'))
    text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos && text != ".";
}

/// What a scalar without quotes means in YAML 1.1, as far as posts use it. Dates are told apart later.
front_value plain_scalar(std::string text) {
  auto out = front_value{};
  if (text.empty() || is_one_of(text, {"~", "null", "Null", "NULL"})) {
    out.what = front_value::kind::nothing;
    return out;
  }
  if (is_one_of(text, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})) {
    out.what = front_value::kind::boolean;
    out.text = "true";
  } else if (is_one_of(text, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})) {
    out.what = front_value::kind::boolean;
    out.text = "false";
  } else {
    out.what = is_number(text) ? front_value::kind::number : front_value::kind::text;
    out.text = std::move(text);
  }
  return out;
}

class yaml_reader {
public:
  explicit yaml_reader(std::string_view block) {
    if (yaml_parser_initialize(&parser_) == 0)
      throw std::bad_alloc{};
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(block.data()), block.size());
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  }
  ~yaml_reader() { yaml_parser_delete(&parser_); }
  yaml_reader(const yaml_reader&) = delete;
  yaml_reader& operator=(const yaml_reader&) = delete;

  std::vector<front_field> read() {
    for (;;) {
      auto e = next();
      switch (e->type()) {
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_START_EVENT: continue;
        case YAML_STREAM_END_EVENT:
        case YAML_DOCUMENT_END_EVENT: return {};
        case YAML_MAPPING_START_EVENT: return read_table(*e, 1);
        case YAML_SCALAR_EVENT:
          if (text_of(*e).empty())
            return {};
          [[fallthrough]];
        default: fail(e->line(), "is no list of \"key: value\" lines");
      }
    }
  }

private:
  [[noreturn]] static void fail(int line, std::string text) { throw refused{{line, std::move(text)}}; }

  std::unique_ptr<yaml_event> next() {
    auto e = std::make_unique<yaml_event>();
    if (yaml_parser_parse(&parser_, e->get()) == 0) {
      if (parser_.error == YAML_MEMORY_ERROR)
        throw std::bad_alloc{};
      auto mark = parser_.problem_mark.line;
      auto text = std::string{parser_.problem == nullptr ? "is not YAML" : parser_.problem};
      if (text.find("mapping values are not allowed") != std::string::npos)
        text = "has a second \": \" in its value; put the value in quotes";
      else
        text = "cannot be read as YAML: " + text + "; put values with : # [ ] { } & * ! | > ' \" % @ in quotes";
      fail(static_cast<int>(mark) + 1, std::move(text));
    }
    if (++values_ > 2 * front_values_max + 16)
      fail(e->line(), "has more than " + std::to_string(front_values_max) + " values; a post needs far fewer");
    return e;
  }

  std::vector<front_field> read_table(yaml_event& start, std::size_t depth) {
    check_start(start.line(), depth, start->data.mapping_start.tag != nullptr);
    auto out = std::vector<front_field>{};
    for (;;) {
      auto e = next();
      if (e->type() == YAML_MAPPING_END_EVENT)
        return out;
      if (e->type() != YAML_SCALAR_EVENT)
        fail(e->line(), "has a key that is no word");
      auto field = front_field{text_of(*e), {}, e->line()};
      auto value = next();
      field.value = read_value(*value, depth);
      out.push_back(std::move(field));
    }
  }

  front_value read_value(yaml_event& e, std::size_t depth) {
    auto out = front_value{};
    auto line = e.line();
    switch (e.type()) {
      case YAML_SCALAR_EVENT:
        if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
          out = plain_scalar(text_of(e));
        } else {
          out.what = front_value::kind::text;
          out.text = text_of(e);
        }
        break;
      case YAML_MAPPING_START_EVENT:
        out.what = front_value::kind::table;
        out.fields = read_table(e, depth + 1);
        break;
      case YAML_SEQUENCE_START_EVENT:
        out.what = front_value::kind::list;
        check_start(line, depth + 1, e->data.sequence_start.tag != nullptr);
        for (auto item = next(); item->type() != YAML_SEQUENCE_END_EVENT; item = next())
          out.items.push_back(read_value(*item, depth + 1));
        break;
      case YAML_ALIAS_EVENT: fail(line, "refers to another value with *; write the value out");
      default: fail(line, "ends too early");
    }
    out.line = line;
    return out;
  }

  static void check_start(int line, std::size_t depth, bool has_tag) {
    if (depth > front_depth_max)
      fail(line, "nests lists and tables more than " + std::to_string(front_depth_max) + " deep; flatten it");
    if (has_tag)
      fail(line, "has a type written with !; leave it out");
  }

  static std::string text_of(yaml_event& e) {
    return {reinterpret_cast<const char*>(e->data.scalar.value), e->data.scalar.length};
  }

  yaml_parser_t parser_{};
  std::size_t values_ = 0;
};

}  // namespace

front_block read_yaml(std::string_view block) {
  try {
    return {yaml_reader{block}.read(), std::nullopt};
  } catch (refused& e) {
    return {{}, std::move(e.why)};
  }
}

}  // namespace beamline::event_horizon
