#pragma once

#include "base/json.hpp"
#include "web/live/event.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a template needs to show a form: the text of every field as the visitor left it, its name and id, and what is
/// wrong with it. Made from the parameters of a `phx-change` or `phx-submit` event, or from a `changeset`
/// (form_schema.hpp), which also gives typed values:
///
///   struct signup { std::string name; int age = 0; std::optional<std::string> city; };
///
///   const auto signup_form = form_schema<signup>{}
///       .field("name", &signup::name, required(), length({.min = 2, .max = 40}))
///       .field("age", &signup::age, required(), in_range(18, 130))
///       .field("city", &signup::city, one_of({"Bern", "Basel"}));
///
///   void mount(...)                    { assigns_.form = to_form(signup_form.cast({}), {.as = "u"}); }
///   void handle_event(const event& e, ...) {
///     auto checked = signup_form.cast(signup{}, form_params(e, "u"));
///     if (e.name == "save" && checked.is_valid())
///       return store(checked.value());
///     assigns_.form = to_form(checked, {.as = "u"});
///   }
///
///   <.form for={@form} phx-change="validate" phx-submit="save">
///     <label for={@form["name"].id}>Name</label>
///     <input id={@form["name"].id} name={@form["name"].name} value={@form["name"].text()}>
///     <p :for={e <- @form["name"].shown_errors()} role="alert">{e}</p>
///
/// Ids and names follow from the form's name and the fields' alone, so they are the same after a crash or a new
/// deployment, and the client fills in again what was typed (form recovery).
namespace beamline::web::live {

/// One complaint. `field` is a path below the form, in dots: `name`, `items.0.price`; empty: about the whole form.
struct form_error {
  std::string field;
  std::string message;

  friend bool operator==(const form_error&, const form_error&) = default;
};
/// `age: is not a whole number`.
[[nodiscard]] std::string to_string(const form_error& e);
using form_errors = std::vector<form_error>;

/// The fields of one form within an event: those under `name`, or all if it is empty. An empty object if the event
/// brings none.
[[nodiscard]] const json& form_params(const event& e, std::string_view name = {});

/// The field that a `phx-change` is about, as a path (`u`, `name`); empty if the client named none.
[[nodiscard]] std::vector<std::string> form_target(const event& e);

/// Whether the visitor has been in that field: `params` has it, and no `_unused_` mark beside it. A field with fields
/// in it is used when one of them is.
[[nodiscard]] bool is_used_input(const json& params, std::string_view field);

/// The rows of a list in the order in which they are to be shown, whatever shape the browser sent them in: an object by
/// index (`u[items][0][name]`) or a list.
///
/// `order` and `drop` are the values of two more fields beside it, for forms whose rows can be moved, added and taken
/// away without code: `u[items_sort][]` lists the rows' indices in their order, and any other word in it is a new row;
/// `u[items_drop][]` lists those to leave out. Rows that `order` does not mention come first.
[[nodiscard]] json form_rows(const json& rows, const json* order = nullptr, const json* drop = nullptr);

/// One field of a form.
struct form_field {
  std::string id;    // `u_name`
  std::string name;  // `u[name]`; for a list of choices append `[]`.
  json value;        // What was typed, else what the data holds: a text, or a list of texts; null for nothing.
  std::vector<std::string> errors;
  bool is_used = false;

  /// The value of an <input>.
  [[nodiscard]] std::string text() const;
  /// For a checkbox: whether the value is `true`, `on`, `1` or `yes`.
  [[nodiscard]] bool is_checked() const;
  /// For radio buttons, <option> and groups of checkboxes: whether the value is, or contains, this one.
  [[nodiscard]] bool has(std::string_view choice) const;
  /// Empty until the visitor has been there: nobody likes to be told of a mistake before making it.
  [[nodiscard]] std::vector<std::string> shown_errors() const;
};

/// A form as it is to be shown. A plain value.
class form {
public:
  struct options {
    std::string as = {};  // Name of the form: fields are called `as[field]`. Empty: `field`.
    std::string id = {};  // Of the element, and in front of the fields' ids; else as the name.
    form_errors errors = {};
    json data = nullptr;  // Texts by field, shown where there are no parameters.
  };

  form() = default;
  form(json params, options o);

  [[nodiscard]] form_field operator[](std::string_view field) const;
  /// The forms of a list (or, with one row, of an object) within this one, in order. Each has its `index` and, in
  /// `hidden_name()`, what keeps its ids stable while rows move.
  [[nodiscard]] std::vector<form> rows(std::string_view field) const;
  [[nodiscard]] form nested(std::string_view field) const;

  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const json& params() const noexcept { return params_; }
  [[nodiscard]] const form_errors& errors() const noexcept { return errors_; }
  [[nodiscard]] bool is_valid() const noexcept { return errors_.empty(); }
  /// Complaints about the whole form.
  [[nodiscard]] std::vector<std::string> base_errors() const { return errors_of({}); }

  /// Position among the rows of its list; 0 for a form that is none.
  [[nodiscard]] std::size_t index() const noexcept { return index_; }
  /// Of a row: the number by which its ids are made. It travels in a hidden input called `<name>[_persistent_id]`.
  [[nodiscard]] std::size_t persistent_id() const noexcept { return persistent_id_; }
  [[nodiscard]] bool is_row() const noexcept { return is_row_; }

  friend bool operator==(const form&, const form&) = default;

private:
  [[nodiscard]] std::vector<std::string> errors_of(std::string_view field) const;
  [[nodiscard]] form below(std::string_view field, const json& params, const json& data) const;

  std::string id_;
  std::string name_;
  json params_ = json::object();
  json data_ = json::object();
  form_errors errors_;
  std::size_t index_ = 0;
  std::size_t persistent_id_ = 0;
  bool is_row_ = false;
};

/// A form of parameters as they came, checked by nobody.
[[nodiscard]] inline form to_form(json params, form::options o = {}) { return {std::move(params), std::move(o)}; }

// The field in which a row's number travels.
inline constexpr std::string_view persistent_id_field = "_persistent_id";

// What stands before the name of a field that the visitor has not touched.
inline constexpr std::string_view unused_prefix = "_unused_";

}  // namespace beamline::web::live
