#pragma once

#include "web/live/comparable.hpp"
#include "web/live/form.hpp"
#include "web/live/form_rules.hpp"
#include "web/live/form_value.hpp"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Forms with types: which fields a form has, what they are in C++, and what must hold. See form.hpp for an example.
namespace beamline::web::live {

/// What came of a form: the data with everything applied that could be read, what is wrong, and what has changed.
template <class T>
class changeset {
public:
  /// As typed, where it could be read; elsewhere as in `data()`.
  [[nodiscard]] const T& value() const noexcept { return value_; }
  /// What the form was about before.
  [[nodiscard]] const T& data() const noexcept { return data_; }
  [[nodiscard]] bool is_valid() const noexcept { return errors_.empty(); }
  [[nodiscard]] const form_errors& errors() const noexcept { return errors_; }
  /// Fields whose value differs from the data's: `name`, `items` (any row of it).
  [[nodiscard]] const std::set<std::string, std::less<>>& changes() const noexcept { return changes_; }
  [[nodiscard]] bool is_changed() const noexcept { return !changes_.empty(); }
  [[nodiscard]] bool is_changed(std::string_view field) const { return changes_.contains(field); }

  /// For what only the program knows: `add_error("name", "is taken")`. An empty field: about the whole form.
  changeset& add_error(std::string field, std::string message) {
    errors_.push_back({std::move(field), std::move(message)});
    return *this;
  }

  /// The form to show. `options::errors` and `data` are the changeset's.
  [[nodiscard]] form to_form(form::options o = {}) const {
    o.errors = errors_;
    o.data = shown_;
    return {params_, std::move(o)};
  }

private:
  template <class>
  friend class form_schema;

  T data_;
  T value_;
  json params_ = json::object();
  json shown_ = json::object();  // The data as texts.
  form_errors errors_;
  std::set<std::string, std::less<>> changes_;
};

template <class T>
[[nodiscard]] form to_form(const changeset<T>& c, form::options o = {}) {
  return c.to_form(std::move(o));
}

/// The fields of a `T` that a form may change, and no others: whatever else a forged form brings is not looked at. Made
/// once, immutable afterwards, safe to share.
template <class T>
class form_schema {
public:
  /// `name` in the form is `member` of the data. Rules run in order; the first complaint of a field is kept.
  template <class M, class... Rules>
  form_schema& field(std::string name, M T::*member, Rules... rules) {
    parts_.push_back([name = std::move(name), member, ... rules = std::move(rules)](changeset<T>& c) {
      c.shown_[name] = field_value(c.data_.*member);
      [[maybe_unused]] auto is_blank = is_blank_value(c.data_.*member);
      auto is_readable = true;
      if (const auto* sent = find_field(c.params_, name)) {
        auto parsed = parse_field<M>(*sent);
        is_readable = parsed.value.has_value();
        is_blank = parsed.is_blank;
        if (is_readable)
          c.value_.*member = *std::move(parsed.value);
        else
          c.add_error(name, std::string{field_complaint<M>()});
      }
      if (!(c.value_.*member == c.data_.*member))
        c.changes_.insert(name);
      if (is_readable) {
        auto wrong = complaint{};
        (void)((wrong = apply_rule<M>(rules, c.value_.*member, is_blank)).has_value() || ...);
        if (wrong)
          c.add_error(name, *std::move(wrong));
      }
      (check_confirmation(c, name, rules), ...);
    });
    return *this;
  }

  /// A struct within: fields `name[field]`.
  template <class N>
  form_schema& nested(std::string name, N T::*member, form_schema<N> fields) {
    parts_.push_back([name = std::move(name), member, fields = std::move(fields)](changeset<T>& c) {
      const auto* sent = find_object(c.params_, name);
      auto inner = fields.cast(c.data_.*member, sent != nullptr ? *sent : json::object());
      take(c, name, name, inner);
      c.shown_[name] = std::move(inner.shown_);
      c.value_.*member = std::move(inner.value_);
    });
    return *this;
  }

  struct row_options {
    std::size_t rows_max = 100;  // A form with more is not looked at: an error says so.
    std::string sort = {};       // The field with the rows' order; empty: `<name>_sort`. See `form_rows`.
    std::string drop = {};       // The field with rows to leave out; empty: `<name>_drop`.
  };
  /// A list of structs: fields `name[0][field]`. What the browser sends is the whole list; a form with neither rows nor
  /// `sort` nor `drop` leaves it as it is. A row is made of its fields alone: what must survive travels in hidden ones.
  template <class Row>
  form_schema& rows(std::string name, std::vector<Row> T::*member, form_schema<Row> fields, row_options o = {}) {
    if (o.sort.empty())
      o.sort = name + "_sort";
    if (o.drop.empty())
      o.drop = name + "_drop";
    parts_.push_back([name = std::move(name), member, fields = std::move(fields), o = std::move(o)](changeset<T>& c) {
      cast_rows(c, name, member, fields, o);
    });
    return *this;
  }

  /// What must hold between fields; runs last. The complaint is about `field`, or the whole form if that is empty.
  form_schema& check(std::string field, std::function<complaint(const T&)> rule) {
    checks_.push_back([field = std::move(field), rule = std::move(rule)](changeset<T>& c) {
      if (auto wrong = rule(c.value_))
        c.add_error(field, *std::move(wrong));
    });
    return *this;
  }

  /// Applies the parameters of a form to the data. Never throws for what is in `params`.
  [[nodiscard]] changeset<T> cast(T data, const json& params = json::object()) const {
    auto c = changeset<T>{};
    c.value_ = data;
    c.data_ = std::move(data);
    if (params.is_object())
      c.params_ = params;
    for (const auto& part : parts_)
      part(c);
    for (const auto& rule : checks_)
      rule(c);
    return c;
  }

private:
  template <class>
  friend class form_schema;
  using step = std::function<void(changeset<T>&)>;

  template <class Rule>
  static void check_confirmation(changeset<T>& c, const std::string& name, const Rule& rule) {
    if constexpr (std::same_as<Rule, confirmed>) {
      const auto again = name + "_confirmation";
      const auto* typed = find_field(c.params_, name);
      const auto* repeated = find_field(c.params_, again);
      if (typed != nullptr && repeated != nullptr && *typed != *repeated)
        c.add_error(again, rule.message);
    }
  }

  /// What a part of the form says becomes part of what the form says.
  template <class Inner>
  static void take(changeset<T>& c, const std::string& name, const std::string& path, const changeset<Inner>& inner) {
    for (const auto& e : inner.errors_)
      c.add_error(e.field.empty() ? path : path + "." + e.field, e.message);
    if (inner.is_changed())
      c.changes_.insert(name);
  }

  template <class Row>
  static void cast_rows(changeset<T>& c, const std::string& name, std::vector<Row> T::*member,
                        const form_schema<Row>& fields, const row_options& o) {
    auto shown = json::array();
    for (const auto& row : c.data_.*member)
      shown.push_back(fields.cast(row).shown_);
    const auto* sent = find_field(c.params_, name);
    const auto* order = find_array(c.params_, o.sort);
    const auto* drop = find_array(c.params_, o.drop);
    if (sent != nullptr || order != nullptr || drop != nullptr) {
      auto list = form_rows(sent != nullptr ? *sent : json::array(), order, drop);
      if (list.size() > o.rows_max) {
        c.add_error(name, "should have at most " + std::to_string(o.rows_max) + " rows");
        c.params_.erase(name);
      } else {
        auto& rows = c.value_.*member;
        rows.clear();
        for (std::size_t i = 0; i < list.size(); ++i) {
          // A row has no identity beyond what the application puts into its fields: each is made anew.
          auto row = fields.cast(Row{}, list[i]);
          take(c, name, name + "." + std::to_string(i), row);
          list[i] = std::move(row.params_);
          rows.push_back(std::move(row.value_));
        }
        c.params_[name] = std::move(list);
        c.params_.erase(o.sort);
        c.params_.erase(o.drop);
      }
      c.changes_.erase(name);
      if constexpr (detail::comparable<Row>) {
        if (!(c.value_.*member == c.data_.*member))
          c.changes_.insert(name);
      } else {
        c.changes_.insert(name);
      }
    }
    c.shown_[name] = std::move(shown);
  }

  std::vector<step> parts_;
  std::vector<step> checks_;
};

}  // namespace beamline::web::live
