#include "testing/live/form_fields.hpp"

#include "base/url.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace beamline::testing {

namespace {

bool is_checkable(const dom_node& n) {
  return n.name() == "input" && (n.attribute("type") == "checkbox" || n.attribute("type") == "radio");
}
bool is_radio(const dom_node& n) { return n.attribute("type") == "radio" && n.name() == "input"; }
bool is_button(const dom_node& n) {
  const auto type = n.attribute("type");
  return n.name() == "button"
      || (n.name() == "input" && (type == "submit" || type == "button" || type == "reset" || type == "image"));
}
bool is_hidden(const dom_node& n) { return n.name() == "input" && n.attribute("type") == "hidden"; }

bool is_disabled(dom_node& n) {
  return n.closest([&](const dom_node& around) {
    return around.has_attribute("disabled") && (&around == &n || around.name() == "fieldset");
  }) != nullptr;
}

std::vector<dom_node*> options_of(const dom_node& select) {
  auto out = std::vector<dom_node*>{};
  const_cast<dom_node&>(select).each_element([&](dom_node& n) {
    if (n.name() == "option")
      out.push_back(&n);
  });
  return out;
}
std::string option_value(const dom_node& option) {
  const auto* value = option.find_attribute("value");
  return value == nullptr ? option.text() : *value;
}
bool is_selected(const dom_node& option) {
  return option.state().is_checked.value_or(option.has_attribute("selected"));
}

std::vector<std::string> chosen_of(const dom_node& select) {
  auto out = std::vector<std::string>{};
  const auto options = options_of(select);
  for (const auto* option : options)
    if (is_selected(*option) && !option->has_attribute("disabled"))
      out.push_back(option_value(*option));
  if (select.has_attribute("multiple"))
    return out;
  if (out.size() > 1)
    out.erase(out.begin(), out.end() - 1);
  if (out.empty() && !options.empty())
    out.push_back(option_value(*options.front()));  // A closed list always shows one.
  return out;
}

/// `u[name]` becomes `u[_unused_name]`, `name` becomes `_unused_name`.
std::string marked_unused(const std::string& name) {
  const auto is_array = name.ends_with("[]");
  auto base = is_array ? name.substr(0, name.size() - 2) : name;
  const auto bracket = base.rfind('[');
  if (bracket == std::string::npos)
    base = "_unused_" + base;
  else
    base.insert(bracket + 1, "_unused_");
  return is_array ? base + "[]" : base;
}

/// Name and value of all that is sent, in order.
std::vector<std::pair<dom_node*, std::string>> sent_by(dom_node& form, const dom_node* submitter) {
  auto out = std::vector<std::pair<dom_node*, std::string>>{};
  for (auto* field : fields_of(form)) {
    if (field->attribute("name").empty() || field->attribute("type") == "file" || is_disabled(*field))
      continue;
    if (is_button(*field)) {
      if (field == submitter)
        out.emplace_back(field, value_of(*field));
    } else if (field->name() == "select") {
      for (auto& chosen : chosen_of(*field))
        out.emplace_back(field, std::move(chosen));
    } else if (!is_checkable(*field) || is_checked(*field)) {
      out.emplace_back(field, value_of(*field));
    }
  }
  return out;
}

[[noreturn]] void refuse(const dom_node& form, const std::string& why) {
  throw std::invalid_argument{why + "\nThe form:\n" + form.pretty()};
}

std::string names_of(dom_node& form) {
  auto out = std::string{};
  for (const auto* field : fields_of(form))
    if (const auto name = field->attribute("name"); !name.empty() && out.find(name) == std::string::npos)
      out += (out.empty() ? "" : ", ") + std::string{name};
  return out.empty() ? "none" : out;
}

void choose(dom_node& form, dom_node& select, const std::vector<std::string>& wanted) {
  const auto options = options_of(select);
  for (const auto& value : wanted)
    if (std::ranges::none_of(options, [&](const auto* o) { return option_value(*o) == value; }))
      refuse(form, "the select \"" + std::string{select.attribute("name")} + "\" has no option \"" + value + "\"");
  for (auto* option : options)
    option->state().is_checked = std::ranges::find(wanted, option_value(*option)) != wanted.end();
}

void tick(dom_node& form, const std::vector<dom_node*>& boxes, const field_input& input) {
  if (input.is_flag()) {
    if (boxes.size() != 1 || is_radio(*boxes[0]))
      refuse(form, "several fields share the name \"" + std::string{boxes[0]->attribute("name")}
                       + "\"; say which values are chosen, not true or false");
    boxes[0]->state().is_checked = input.flag();
    return;
  }
  for (const auto& value : input.texts())
    if (std::ranges::none_of(boxes, [&](const auto* b) { return value_of(*b) == value; }))
      refuse(form, "no field \"" + std::string{boxes[0]->attribute("name")} + "\" has the value \"" + value + "\"");
  for (auto* box : boxes)
    box->state().is_checked = std::ranges::find(input.texts(), value_of(*box)) != input.texts().end();
}

dom_node* put_one(dom_node& form, const std::string& name, const field_input& input) {
  auto named = std::vector<dom_node*>{};
  for (auto* field : fields_of(form))
    if (field->attribute("name") == name && !is_button(*field))
      named.push_back(field);
  if (named.empty())
    refuse(form, "the form has no field \"" + name + "\"; its fields are " + names_of(form));
  // A hidden input in front of a checkbox says what is sent when it is not ticked.
  if (std::ranges::any_of(named, [](const auto* f) { return !is_hidden(*f); }))
    std::erase_if(named, [](const auto* f) { return is_hidden(*f); });
  else
    refuse(form, "the field \"" + name + "\" is hidden: a visitor cannot change it");
  std::erase_if(named, [](auto* f) { return is_disabled(*f); });
  if (named.empty())
    refuse(form, "the field \"" + name + "\" is disabled");
  auto& first = *named.front();
  if (is_checkable(first)) {
    tick(form, named, input);
  } else if (first.name() == "select") {
    choose(form, first, input.texts());
  } else {
    if (input.is_flag() || input.is_list())
      refuse(form, "the field \"" + name + "\" takes a text");
    if (first.has_attribute("readonly"))
      refuse(form, "the field \"" + name + "\" is read-only");
    first.state().value = input.texts().front();
  }
  for (auto* field : named)
    field->state().has_focused = true;
  return &first;
}

std::string encoded(const query_pairs& pairs) {
  // As URLSearchParams: a space is a plus.
  auto out = build_query(pairs);
  for (auto at = out.find("%20"); at != std::string::npos; at = out.find("%20", at + 1))
    out.replace(at, 3, "+");
  return out;
}

}  // namespace

bool is_field(const dom_node& n) {
  return n.name() == "input" || n.name() == "select" || n.name() == "textarea" || n.name() == "button";
}

dom_node* form_of(dom_node& field) {
  if (const auto* id = field.find_attribute("form")) {
    auto* root = &field;
    while (root->parent() != nullptr)
      root = root->parent();
    return root->find_id(*id);
  }
  return field.closest([](const dom_node& n) { return n.name() == "form"; });
}

std::vector<dom_node*> fields_of(dom_node& form) {
  auto* root = &form;
  while (root->parent() != nullptr)
    root = root->parent();
  auto out = std::vector<dom_node*>{};
  root->each_element([&](dom_node& n) {
    if (is_field(n) && form_of(n) == &form)
      out.push_back(&n);
  });
  return out;
}

void each_field(dom_node& root, const std::function<void(dom_node&, const std::string& key)>& fn) {
  auto counts = std::map<std::string, std::size_t>{};
  root.each_element([&](dom_node& n) {
    if (!is_field(n) && n.name() != "option")
      return;
    auto key = "#" + std::string{n.id()};
    if (n.id().empty()) {
      auto* form = form_of(n);
      const auto* owner = n.name() == "option" ? n.closest([](const dom_node& s) { return s.name() == "select"; }) : &n;
      key = (form != nullptr ? std::string{form->id()} : "") + "/"
          + (owner != nullptr ? std::string{owner->attribute("name")} : "") + "/"
          + (n.name() == "option" ? option_value(n)
                                  : std::string{n.attribute("value").substr(0, is_checkable(n) ? 64 : 0)});
      key += "/" + std::to_string(counts[key]++);
    }
    fn(n, key);
  });
}

std::string value_of(const dom_node& field) {
  if (field.state().value)
    return *field.state().value;
  if (field.name() == "textarea") {
    auto text = field.children().empty() ? std::string{} : field.children().front()->raw_text();
    return text.starts_with('\n') ? text.substr(1) : text;
  }
  if (field.name() == "select") {
    const auto chosen = chosen_of(field);
    return chosen.empty() ? std::string{} : chosen.front();
  }
  if (is_checkable(field) && !field.has_attribute("value"))
    return "on";
  return std::string{field.attribute("value")};
}

bool is_checked(const dom_node& field) { return field.state().is_checked.value_or(field.has_attribute("checked")); }

dom_node* put_into_form(dom_node& form, const field_inputs& values) {
  dom_node* last = nullptr;
  for (const auto& [name, input] : values)
    last = put_one(form, name, input);
  return last;
}

void put_into_field(dom_node& field, const field_input& value) {
  if (is_checkable(field))
    field.state().is_checked = value.is_flag() ? value.flag() : value_of(field) == value.texts().at(0);
  else if (field.name() == "select")
    choose(field, field, value.texts());
  else
    field.state().value = value.texts().at(0);
  field.state().has_focused = true;
}

std::string serialize_form(dom_node& form, const dom_node* submitter, std::string_view only) {
  struct facts {
    bool is_unused = true;
    bool is_hidden_only = true;
  };
  auto by_name = std::map<std::string_view, facts>{};
  for (const auto* field : fields_of(form)) {
    auto& f = by_name[field->attribute("name")];
    f.is_unused = f.is_unused && !field->state().has_focused && !field->has_attribute("phx-no-unused-field");
    f.is_hidden_only = f.is_hidden_only && is_hidden(*field);
  }
  auto pairs = query_pairs{};
  for (const auto& [field, value] : sent_by(form, submitter)) {
    const auto name = std::string{field->attribute("name")};
    if (!only.empty() && name != only)
      continue;
    const auto& f = by_name[field->attribute("name")];
    const auto is_submitter = submitter != nullptr && submitter->attribute("name") == name;
    if (f.is_unused && !f.is_hidden_only && !is_submitter && !form.has_attribute("phx-no-unused-field"))
      pairs.emplace_back(marked_unused(name), "");
    pairs.emplace_back(name, value);
  }
  return encoded(pairs);
}

std::string native_form_body(dom_node& form, const dom_node* submitter) {
  auto pairs = query_pairs{};
  for (const auto& [field, value] : sent_by(form, submitter))
    pairs.emplace_back(std::string{field->attribute("name")}, value);
  return encoded(pairs);
}

}  // namespace beamline::testing
