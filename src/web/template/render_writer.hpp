#pragma once

#include "web/template/cpp_writer.hpp"
#include "web/template/plan.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beamline::web::heex {

/// Writes the render function of one unit. Names that end with an underscore are its own: `v3_` the values of a
/// template, `c3_` what changed, `a3_` what a component is given, `t3_` a temporary, `line_` and `column_` where we
/// are.
class render_writer {
public:
  /// Templates are called `<prefix><n>_`; `shown_name` is the file as crash reports name it.
  render_writer(cpp_writer& out, const planned_unit& unit, std::string prefix, std::string shown_name)
      : out_{out}, unit_{unit}, prefix_{std::move(prefix)}, shown_name_{std::move(shown_name)} {}

  /// The constants that the function uses.
  void templates() { templates_of(unit_.content); }
  void function();

private:
  /// Where values go, and what says whether they are needed; nothing: all are.
  struct scope {
    std::string values;
    std::optional<std::string> changes;
  };

  void templates_of(const fragment& f);
  void bind_members();
  void guarded(const std::function<void()>& write);
  void body(const fragment& f, const std::optional<std::string>& changes, const std::string& before,
            const std::string& after);
  void value(const planned_value& v, const scope& s);
  void keep_shown(const planned_value& v, const scope& s);
  void write(const inserted_value& v, const scope& s);
  void write(const attribute_value& v, const scope& s);
  void write(const spread_value& v, const scope& s);
  void write(const choice& c, const scope& s) { branches(c, 0, {}, s); }
  void write(const repetition& r, const scope& s);
  void write(const call& c, const scope& s);

  void branches(const choice& c, std::size_t index, member_set conditions, const scope& s);
  void loop_head(const generator& g, const std::string& range, const std::string& keeper = {});
  void unpack(const pattern& p, const std::string& from);
  std::string parameters(const pattern& p, std::string& packed);
  void set(const argument& a, const std::string& object, bool may_be_rest, const std::string& keeper = {});
  void set_id(const argument& a, const std::string& object);
  void set_nested(const call& c, const std::string& object);
  void slot(const slot_entry& e, const std::string& object, const std::string& keeper);
  void slot_content(const slot_entry& e, const std::string& object, const std::string& keeper);
  void given(const std::string& type, const std::vector<argument>& arguments, const std::vector<slot_entry>* slots,
             span where);

  void note(span where);
  [[nodiscard]] const std::string& name_of(const fragment& f) const;
  [[nodiscard]] std::string mask_of(const member_set& members) const;
  [[nodiscard]] std::string fresh(std::string_view kind) { return std::string{kind} + std::to_string(++names_) + "_"; }

  cpp_writer& out_;
  const planned_unit& unit_;
  std::string prefix_;
  std::string shown_name_;
  std::vector<std::pair<const fragment*, std::string>> template_names_;  // In the order in which they are written.
  std::size_t names_ = 0;
};

}  // namespace beamline::web::heex
