#pragma once

#include "base/random.hpp"
#include "web/live/stream.hpp"
#include "web/live/view_tree.hpp"

#include <array>
#include <compare>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// Random pages that change at random: texts, nested templates, conditionals, lists with and without keys, streams, and
/// live components within all of these. Everything follows from the seed.
///
/// A page knows what its client has been given, and says `unchanged` of some of what is the same.
namespace beamline::testing {

struct page_node;
struct page_list;
struct page_component {
  int id;
  friend bool operator==(const page_component&, const page_component&) = default;
};
struct page_stream {
  std::size_t index;
  friend bool operator==(const page_stream&, const page_stream&) = default;
};
/// Copied as a value, so that a page can be kept as it was.
template <class T>
class boxed {
public:
  boxed(T value) : value_{std::make_unique<T>(std::move(value))} {}  // NOLINT: implicit on purpose
  boxed(const boxed& other) : value_{std::make_unique<T>(*other)} {}
  boxed(boxed&&) noexcept = default;
  boxed& operator=(const boxed& other) {
    value_ = std::make_unique<T>(*other);
    return *this;
  }
  boxed& operator=(boxed&&) noexcept = default;
  ~boxed() = default;
  T& operator*() const { return *value_; }
  T* operator->() const { return value_.get(); }
  friend bool operator==(const boxed& a, const boxed& b) { return *a == *b; }

private:
  std::unique_ptr<T> value_;
};

using page_value = std::variant<std::string, boxed<page_node>, boxed<page_list>, page_component, page_stream>;
using page_row = std::vector<page_value>;

struct page_node {
  std::size_t tpl = 0;
  page_row values = {};
  friend bool operator==(const page_node&, const page_node&) = default;
};
struct page_list {
  std::size_t tpl = 0;
  bool is_keyed = false;
  int next_key = 0;
  std::vector<std::pair<int, page_row>> rows = {};
  friend bool operator==(const page_list&, const page_list&) = default;
};

struct page_item {
  std::string id;
  std::string text;
};

class random_page {
public:
  explicit random_page(std::uint64_t seed);
  ~random_page();
  random_page(const random_page&) = delete;
  random_page& operator=(const random_page&) = delete;

  /// Changes some of it. `tree` is told.
  void change(web::live::view_tree& tree);
  /// The view's render function.
  web::live::rendered render(web::live::render_context& c);
  /// The page as the client has it after the message that was just made: of streams the rows of that message.
  [[nodiscard]] std::string expected_html();
  /// That message was sent.
  void sent();
  /// It was not.
  void lost();
  /// Draws what else happens.
  bool chance(std::uint64_t one_in) { return random_.below(one_in) == 0; }

private:
  class component;
  struct component_attrs {
    random_page* page = nullptr;
    int id = 0;
  };

  page_node node(int depth, bool is_component);
  page_value value(int depth);
  page_row row(std::size_t tpl, int depth);
  std::string text();
  void change(page_row& values, int depth);
  void change(page_list& list, int depth);
  void change_stream(web::live::stream<page_item>& stream);
  void forget_unused();
  void use(const page_row& values);

  std::vector<web::live::dynamic> paint(const page_row& values, const page_row* old, web::live::render_context& c);
  web::live::dynamic paint(const page_value& value, const page_value* old, web::live::render_context& c);
  web::live::dynamic paint_list(const page_list& list, const page_list* old, web::live::render_context& c);
  [[nodiscard]] bool is_same(const page_value& value, const page_value& old) const;
  [[nodiscard]] bool has_stream(const page_row& values) const;

  void append_html(std::string& out, std::size_t tpl, const page_row& values) const;

  seeded_random random_;
  page_node page_;
  std::map<int, page_node> contents_;     // Of components, by id; also of those that are not shown.
  std::map<int, std::uint64_t> numbers_;  // Their numbers in the view, if they have been rendered.
  std::set<int> used_components_;         // In the page.
  std::set<std::size_t> used_streams_;
  std::array<std::unique_ptr<web::live::stream<page_item>>, 2> streams_;
  int next_item_ = 0;
  page_node sent_page_;
  std::map<int, page_node> sent_contents_;  // As last sent, by id.
  std::map<int, page_node> rendered_contents_;
  page_node rendered_page_;
  bool is_page_rendered_ = false;
};

/// The process around the components of a test, which never ask it for anything.
class no_host final : public web::live::component_host {
public:
  web::live::component_socket& socket_of(web::live::component_id) override {
    // Only its address goes around.
    return reinterpret_cast<web::live::component_socket&>(place_);
  }
  void component_removed(web::live::component_id id) override { removed.push_back(id); }

  std::vector<web::live::component_id> removed;

private:
  std::max_align_t place_{};
};

}  // namespace beamline::testing
