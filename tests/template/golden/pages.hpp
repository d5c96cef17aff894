#pragma once

#include "base/html.hpp"
#include "base/json.hpp"
#include "web/live/assign.hpp"
#include "web/live/attributes.hpp"
#include "web/live/component.hpp"
#include "web/live/js.hpp"
#include "web/live/render_context.hpp"
#include "web/live/stream.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What the templates of this folder show.
namespace golden {

struct row {
  int id = 0;
  std::string name;
};

struct text_page {
  struct assigns {
    beamline::web::live::assign<std::string> title{std::string{"<T> & \"Q\""}};
    beamline::web::live::assign<int> count{3};
    double ratio = 0.5;
    beamline::safe_html markup = beamline::safe_html::trusted("<em>safe</em>");
    std::optional<std::string> nothing;
    std::optional<int> seven{7};
  };
};

struct attribute_page {
  struct assigns {
    std::string text = "a\"b<c>";
    std::string path = "/p?a=1&b=2";
    std::string script = "javascript:alert(1)";
    std::optional<std::string> nothing;
    bool yes = true;
    bool no = false;
    int number = 42;
    std::string width = "10%";
    std::string evil = "url(http://evil.example/)";
    beamline::json data = {{"k", "v'\""}};
    beamline::web::live::attributes more{{"data-a", "1"}, {"href", "javascript:x"}};
  };
};

struct control_page {
  struct assigns {
    beamline::web::live::assign<int> count{2};
    beamline::web::live::assign<std::vector<row>> rows{std::vector<row>{{1, "one"}, {2, "two"}, {3, "three"}}};
    std::map<std::string, int> ages{{"ann", 30}, {"bob", 40}};
    beamline::web::live::stream<row> items{"items"};
  };
};

struct component_page {
  struct assigns {
    beamline::web::live::assign<std::vector<row>> rows{std::vector<row>{{1, "one"}, {2, "two"}}};
    beamline::web::live::assign<std::string> title{std::string{"Hello"}};
  };
};

/// Columns that are not kept anywhere. Whoever reads a label of one that is gone sees it.
struct column {
  std::string label;

  explicit column(std::string text) : label{std::move(text)} {}
  column(const column&) = default;
  column& operator=(const column&) = default;
  ~column() { std::fill(label.begin(), label.end(), '#'); }
};
[[nodiscard]] std::vector<column> columns();
/// Makes each column when it is asked for.
struct made_columns {
  struct iterator {
    int at = 0;
    [[nodiscard]] column operator*() const { return column{"made " + std::to_string(at)}; }
    iterator& operator++() {
      ++at;
      return *this;
    }
    bool operator==(const iterator&) const = default;
  };
  [[nodiscard]] static iterator begin() { return {1}; }
  [[nodiscard]] static iterator end() { return {3}; }
};
/// The same in pairs.
struct counted_columns {
  struct iterator : made_columns::iterator {
    [[nodiscard]] std::pair<int, column> operator*() const { return {at, made_columns::iterator::operator*()}; }
  };
  [[nodiscard]] static iterator begin() { return {{1}}; }
  [[nodiscard]] static iterator end() { return {{3}}; }
};

struct slot_page {
  struct assigns {
    beamline::web::live::assign<std::vector<row>> rows{std::vector<row>{{1, "one"}}};
  };
};

struct component_view {
  struct assigns {
    int likes = 5;
  };
};

/// A live component.
class badge final : public beamline::web::live::component {
public:
  struct attrs {
    int likes = 0;
    std::string label;
  };
  void update(const attrs& a, beamline::web::live::component_socket&) { given_ = a; }
  [[nodiscard]] beamline::web::live::rendered render(beamline::web::live::render_context& context) const override;

private:
  attrs given_;
};

/// Counts how often its values were asked for.
struct tracking_page {
  struct assigns {
    beamline::web::live::assign<int> a{1};
    beamline::web::live::assign<int> b{1};
    beamline::web::live::assign<bool> shown{true};
    beamline::web::live::assign<std::vector<row>> rows{std::vector<row>{{1, "one"}}};
    std::string plain = "plain";
  };
};
/// Returns `value`, and notes that it was asked for.
int counted(const char* place, int value);

struct temporary_page {
  struct assigns {
    beamline::web::live::temporary<std::vector<std::string>> lines;
    beamline::web::live::temporary<std::string> note;
    beamline::web::live::assign<int> n{0};
  };
};

struct failing_page {
  struct assigns {
    bool fails = true;
    bool fails_in_frame = false;
  };
};
std::string fails_if(bool is_so);

}  // namespace golden
