#include "base/url.hpp"
#include "fuzz/targets.hpp"
#include "web/live/form_schema.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace beamline::fuzz {

namespace {

using namespace web::live;

struct street {
  std::string name;
  int number = 0;

  friend bool operator==(const street&, const street&) = default;
};

struct person {
  std::string name;
  int age = 0;
  double height = 0;
  bool is_here = false;
  std::optional<std::string> city;
  std::vector<std::string> tags;
  street home;
  std::vector<street> past;
};

constexpr std::size_t name_max = 40;
constexpr std::size_t rows_max = 8;

const form_schema<person>& schema() {
  static const auto of_street =
      form_schema<street>{}.field("name", &street::name).field("number", &street::number, in_range(1, 999));
  static const auto made = form_schema<person>{}
                               .field("name", &person::name, required(), length({.max = name_max}))
                               .field("age", &person::age, in_range(0, 150))
                               .field("height", &person::height)
                               .field("here", &person::is_here)
                               .field("city", &person::city)
                               .field("tags", &person::tags)
                               .nested("home", &person::home, of_street)
                               .rows("past", &person::past, of_street, {.rows_max = rows_max});
  return made;
}

void must(bool is_so, const char* what) {
  if (is_so)
    return;
  std::fprintf(stderr, "fuzz_form_body: not so: %s\n", what);
  std::abort();
}

/// Leaves are texts, and nothing is deeper than the limit allows.
void check_shape(const json& at, std::size_t depth, const query_limits& limits) {
  must(depth <= limits.depth_max + 1, "a form is not deeper than the limit");
  if (at.is_structured())
    for (const auto& inner : at)
      check_shape(inner, depth + 1, limits);
  else
    must(at.is_string(), "every leaf of a form is a text");
}

}  // namespace

/// The body of a form, as a browser sends it: it is refused, or read into an object that a schema can be cast from.
int fuzz_form_body(const std::uint8_t* data, std::size_t size) {
  const std::string_view body{reinterpret_cast<const char*>(data), size};
  const query_limits limits{.bytes_max = 4000, .pairs_max = 200, .depth_max = 8};
  const auto pairs = parse_query(body, limits);
  const auto form = parse_form(body, limits);
  must(pairs.ok() || !form.ok(), "what is no query is no form");
  if (pairs) {
    must(pairs->size() <= limits.pairs_max, "a query has no more pairs than the limit allows");
    const auto again = parse_query(build_query(*pairs));
    must(again && *again == *pairs, "a query that is written and read is the same");
  }
  if (!form)
    return 0;
  must(form->is_object(), "a form is an object");
  check_shape(*form, 0, limits);
  const auto c = schema().cast({}, *form);
  if (c.is_valid()) {
    must(!c.value().name.empty() && c.value().age >= 0 && c.value().age <= 150, "what is valid keeps the rules");
    must(c.value().past.size() <= rows_max, "what is valid has no more rows than the schema allows");
  }
  const auto shown = to_form(c, {.as = "u"});
  for (const auto* field : {"name", "age", "height", "here", "city", "tags"})
    (void)shown[field].text();
  (void)is_used_input(*form, "home");
  return 0;
}

}  // namespace beamline::fuzz
