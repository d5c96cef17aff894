#pragma once

#include "web/live/assign.hpp"
#include "web/live/attributes.hpp"
#include "web/live/component.hpp"
#include "web/live/render_context.hpp"

#include <algorithm>
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the templates that make_templates.py draws are made from: one state for all of them, and what they may call.
namespace compiled {

namespace live = beamline::web::live;

struct row {
  int id = 0;  // No two rows of a list have the same.
  std::string text;
  bool done = false;
  std::vector<int> marks;
  friend bool operator==(const row&, const row&) = default;
};

struct person {
  std::string name;
  std::optional<std::string> mail;
  friend bool operator==(const person&, const person&) = default;
};

struct page {
  struct assigns {
    live::assign<int> a{1};
    live::assign<int> b{2};
    live::assign<bool> on{true};
    live::assign<bool> open{false};
    live::assign<std::string> title{std::string{"title"}};
    live::assign<std::string> name{std::string{"name"}};
    live::assign<std::optional<std::string>> note;
    live::assign<std::vector<row>> rows{std::vector<row>{{1, "one", true, {1, 2}}, {2, "two", false, {}}}};
    live::assign<std::vector<std::string>> tags{std::vector<std::string>{"tag"}};
    live::assign<person> author{person{"ann", "ann@example.org"}};
    int plain = 1;  // Counts as changed at every render.
  };
};

/// A live component. It counts bumps, by its name: so another of the same name, in a page that is rendered afresh,
/// shows as many.
class tally final : public live::component {
public:
  struct attrs {
    std::string name;
    std::string label;
    bool is_big = false;
  };
  struct assigns {
    live::assign<std::string> label;
    live::assign<bool> is_big{false};
    live::assign<int> bumps{0};
  };

  void update(const attrs& a, live::component_socket&) {
    name_ = a.name;
    assigns_.label = a.label;
    assigns_.is_big = a.is_big;
    assigns_.bumps = all_bumps[name_];
  }
  [[nodiscard]] live::rendered render(live::render_context& context) const override;
  void bump() { assigns_.bumps = ++all_bumps[name_]; }

  inline static thread_local std::map<std::string, int> all_bumps;

private:
  std::string name_;
  assigns assigns_;
};

// ---- what expressions call ----

template <class T>
[[nodiscard]] std::string text_of(const T& value) {
  if constexpr (std::integral<T>)
    return std::to_string(value);
  else if constexpr (live::is_optional_value<T>)
    return value ? *value : "none";
  else
    return std::string{value};
}

[[nodiscard]] inline std::string joined(const std::vector<std::string>& texts) {
  auto out = std::string{};
  for (const auto& t : texts)
    out += t + ";";
  return out;
}

[[nodiscard]] inline std::vector<row> done_of(std::vector<row> rows) {
  std::erase_if(rows, [](const row& r) { return !r.done; });
  return rows;
}

[[nodiscard]] inline std::vector<row> first(std::vector<row> rows, int count) {
  rows.resize(std::min(rows.size(), static_cast<std::size_t>(count)));
  return rows;
}

[[nodiscard]] inline std::vector<int> up_to(int bound) {
  auto out = std::vector<int>{};
  for (int i = 0; i < bound; ++i)
    out.push_back(i);
  return out;
}

template <std::integral Number>
[[nodiscard]] live::attributes extra(Number number, bool is_marked) {
  auto out = live::attributes{{"data-extra", std::to_string(number)}};
  if (is_marked)
    out.set("data-marked", true);
  return out;
}

// ---- the templates ----

struct page_template {
  std::string_view name;
  live::rendered (*render)(const page::assigns&, live::render_context&);
  std::vector<std::string_view> members;  // Those that it reads.
};

[[nodiscard]] const std::vector<page_template>& pages();

}  // namespace compiled
