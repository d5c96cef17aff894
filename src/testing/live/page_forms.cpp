// Forms: changes, submits and recovery.

#include "base/url.hpp"
#include "testing/live/page_core.hpp"
#include "testing/live/page_meta.hpp"
#include "testing/live/selector.hpp"

#include <algorithm>

namespace beamline::testing {

namespace {

/// The first event that an attribute pushes: a name, or commands with a push among them.
json pushed_by(std::string_view attribute) {
  if (!has_commands(attribute))
    return {{"event", attribute}};
  if (const auto list = parse_json(attribute); list && list->is_array())
    for (const auto& command : *list)
      if (command.is_array() && command.size() == 2 && command[0] == "push")
        return command[1];
  return nullptr;
}

}  // namespace

void page_core::change(dom_node& field) {
  auto* form = form_of(field);
  focused_ = &field;
  field.state().has_focused = true;
  auto commands = std::string{field.attribute("phx-change")};
  if (commands.empty() && form != nullptr)
    commands = form->attribute("phx-change");
  if (commands.empty())
    throw page_error{"neither " + field.path() + " nor its form has a phx-change; use fill() to type without an event"};
  run_commands(field, commands, "change");
}

void page_core::push_change(dom_node& field, const json& args) {
  check_live();
  auto* form = form_of(field);
  if (form == nullptr)
    throw page_stuck{field.path() + ": form events require the input to be inside a form"};
  const auto has_own = field.has_attribute("phx-change");
  const auto name = field.attribute("name");
  auto meta = json{{"_target", name.empty() ? "undefined" : std::string{name}}};
  meta.update(meta_of(*form, json::object(), field_or_null(args, "value")));
  const auto body = serialize_form(*form, field.name() == "button" ? &field : nullptr, has_own ? name : "");
  for (const auto& [view, component] : receivers(has_own ? field : *form, field_or_null(args, "target"))) {
    (void)tell(
        {view, component},
        {{"type", "form"}, {"event", args.at("event")}, {"value", body}, {"meta", meta}, {"uploads", json::object()}});
    if (departure_)
      return;
  }
}

void page_core::submit(dom_node& form, dom_node* submitter) {
  focused_ = nullptr;  // The client takes the focus away until the answer is there, so that a form can be emptied.
  pressed_.reset();
  if (submitter != nullptr) {
    check_enabled(*submitter);
    if (submitter->has_attribute("name"))
      pressed_ = {std::string{submitter->attribute("name")}, value_of(*submitter)};
  }
  for (auto* field : fields_of(form))
    field->state().has_focused = true;
  if (form.has_attribute("phx-submit"))
    return run_commands(submitter != nullptr ? *submitter : form, std::string{form.attribute("phx-submit")}, "submit");
  const auto body = native_form_body(form, submitter);
  const auto action = form.has_attribute("action") ? std::string{form.attribute("action")} : path_;
  auto method = std::string{form.attribute("method")};
  std::ranges::transform(method, method.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (method == "POST")
    departure_ = page_departure{page_departure::kind::submit, action, {}, "POST", body};
  else
    departure_ = page_departure{page_departure::kind::load, action.substr(0, action.find('?')) + "?" + body};
}

void page_core::push_submit(dom_node& source, const json& args) {
  check_live();
  auto* form = source.name() == "form" ? &source : form_of(source);
  const auto* submitter = source.name() == "form" ? nullptr : &source;
  const auto meta = meta_of(*form, json::object(), field_or_null(args, "value"));
  const auto body = serialize_form(*form, submitter);
  for (const auto& [view, component] : receivers(*form, field_or_null(args, "target"))) {
    (void)tell({view, component}, {{"type", "form"}, {"event", args.at("event")}, {"value", body}, {"meta", meta}});
    if (departure_)
      return;
  }
}

void page_core::check_triggered_forms(dom_node& container) {
  for (auto* form : selector{"form[phx-trigger-action]"}.all(container)) {
    auto body = native_form_body(*form, nullptr);
    if (pressed_)
      body += (body.empty() ? "" : "&") + build_query(query_pairs{*pressed_});
    const auto action = form->has_attribute("action") ? std::string{form->attribute("action")} : path_;
    departure_ = page_departure{page_departure::kind::submit, action, {}, "POST", std::move(body)};
  }
}

std::vector<page_core::saved_form> page_core::forms_to_recover(page_view& v) {
  auto out = std::vector<saved_form>{};
  for (auto* form : selector{"form[phx-change]"}.all(container_of(v)))
    if (!form->id().empty() && form->attribute("phx-auto-recover") != "ignore" && !fields_of(*form).empty())
      out.push_back({std::string{form->id()}, std::string{form->attribute("phx-change")}, form->clone()});
  return out;
}

void page_core::recover(page_view& v, std::vector<saved_form> forms) {
  const auto id = v.id;
  for (const auto& saved : forms) {
    auto* form = container_of(v).find_id(saved.id);
    if (form == nullptr || form->name() != "form" || form->attribute("phx-change") != saved.change)
      continue;
    auto fields = fields_of(*saved.copy);
    std::erase_if(fields, [](const auto* f) { return f->attribute("name").empty() || f->has_attribute("phx-change"); });
    if (fields.empty())
      continue;
    const auto visible = std::ranges::find_if(fields, [](const auto* f) { return f->attribute("type") != "hidden"; });
    const auto* first = visible == fields.end() ? fields.front() : *visible;
    const auto args = pushed_by(form->has_attribute("phx-auto-recover") ? form->attribute("phx-auto-recover")
                                                                        : form->attribute("phx-change"));
    if (args.is_null())
      continue;
    auto meta = json{{"_target", first->attribute("name")}};
    meta.update(meta_of(*saved.copy, json::object(), field_or_null(args, "value")));
    auto payload = json{{"type", "form"},
                        {"event", args.at("event")},
                        {"value", serialize_form(*saved.copy, nullptr)},
                        {"meta", std::move(meta)},
                        {"uploads", json::object()}};
    for (const auto& to : receivers(*form, field_or_null(args, "target")))
      (void)tell(to, payload);
    if (find_view(id) == nullptr)
      return;
  }
}

}  // namespace beamline::testing
