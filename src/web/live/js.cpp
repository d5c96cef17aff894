#include "web/live/js.hpp"

#include "web/live/reply.hpp"

#include <stdexcept>

namespace beamline::web::live::js {

namespace {

[[noreturn]] void refuse(std::string_view command, std::string_view why) {
  throw std::invalid_argument{"live::js::" + std::string{command} + ": " + std::string{why}};
}

/// `"a b"` as `["a","b"]`; returns whether there was one.
bool append_names(std::string& out, std::string_view names) {
  constexpr auto space = std::string_view{" \t\n\r\f"};
  const auto start = out.size();
  out += '[';
  for (auto at = names.find_first_not_of(space); at != std::string_view::npos;) {
    const auto end = std::min(names.find_first_of(space, at), names.size());
    if (out.size() > start + 1)
      out += ',';
    append_json_string(out, names.substr(at, end - at));
    at = names.find_first_not_of(space, end);
  }
  out += ']';
  return out.size() > start + 2;
}

void check_name(std::string_view command, std::string_view what, std::string_view name) {
  if (name.empty() || name.find_first_of(" \t\n\r\f\"'>/=") != std::string_view::npos)
    refuse(command, "\"" + std::string{name} + "\" is no name of an " + std::string{what});
}

void check_href(std::string_view command, std::string_view href) {
  if (href.starts_with("http://") || href.starts_with("https://"))
    return;
  if (const auto ok = check_local_path(href); !ok)
    refuse(command, ok.error().message);
}

}  // namespace

/// One command under construction.
class commands::arguments {
public:
  explicit arguments(std::string_view command) : command_{command} {}

  arguments& raw(std::string_view name, std::string_view json_text) {
    if (!text_.empty())
      text_ += ',';
    append_json_string(text_, name);
    text_ += ':';
    text_ += json_text;
    return *this;
  }
  arguments& text(std::string_view name, std::string_view value) { return raw(name, json_string(value)); }
  arguments& text_if(std::string_view name, std::string_view value) {
    return value.empty() ? *this : text(name, value);
  }
  arguments& object_if(std::string_view name, const json& value) {
    if (value.is_null())
      return *this;
    if (!value.is_object())
      refuse(command_, std::string{name} + " is a " + value.type_name() + ", expected an object");
    return raw(name, dump_json(value));
  }
  arguments& names(std::string_view name, std::string_view classes) {
    auto list = std::string{};
    if (!append_names(list, classes))
      refuse(command_, "there are no class names; give one or more, separated by spaces");
    return raw(name, list);
  }
  arguments& to(const selector& s) {
    using scope = selector::scope;
    if (s.scope_ == scope::self)
      return *this;
    if (s.css_.find_first_not_of(' ') == std::string::npos)
      refuse(command_, "the selector is empty; leave it out for the element that has the attribute");
    if (s.scope_ == scope::page)
      return text("to", s.css_);
    return raw("to", (s.scope_ == scope::inner ? R"({"inner":)" : R"({"closest":)") + json_string(s.css_) + "}");
  }
  arguments& target(const push_target& t) {
    if (const auto* component = std::get_if<std::int64_t>(&t.where_)) {
      if (*component < 1)
        refuse(command_, "the target is " + std::to_string(*component) + ", but components count from 1");
      return raw("target", std::to_string(*component));
    }
    if (const auto* css = std::get_if<std::string>(&t.where_)) {
      if (css->empty())
        refuse(command_, "the target is an empty selector; leave it out for the element's own view");
      return text("target", *css);
    }
    return *this;
  }
  arguments& transition(std::string_view name, const transition_classes& t) {
    auto list = std::string{"["};
    const auto is_there = append_names(list, t.during);
    list += ',';
    const auto has_from = append_names(list, t.from);
    list += ',';
    const auto has_to = append_names(list, t.to);
    if (!is_there && (has_from || has_to))
      refuse(command_, "the transition has classes for its start or end, but none that animate");
    return is_there ? raw(name, list + "]") : *this;
  }
  arguments& timing(std::optional<duration> time, bool is_blocking) {
    if (time && *time < duration{})
      refuse(command_, "the transition takes less than no time");
    if (time)
      raw("time", std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(*time).count()));
    return is_blocking ? *this : raw("blocking", "false");
  }

  [[nodiscard]] std::string_view command() const noexcept { return command_; }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
  std::string_view command_;
  std::string text_;
};

commands commands::with(const arguments& a) const {
  auto out = commands{};
  out.text_.assign(text_, 0, text_.size() - 1);
  if (!is_empty())
    out.text_ += ',';
  out.text_ += '[';
  append_json_string(out.text_, a.command());
  out.text_ += ",{" + a.text() + "}]]";
  return out;
}

commands commands::then(const commands& more) const {
  if (is_empty() || more.is_empty())
    return is_empty() ? more : *this;
  auto out = commands{};
  out.text_ = text_.substr(0, text_.size() - 1) + "," + more.text_.substr(1);
  return out;
}

commands commands::push(std::string_view event, push_options o) const {
  if (event.empty())
    refuse("push", "the event has no name");
  auto a = arguments{"push"};
  a.text("event", event).object_if("value", o.value).target(o.target).text_if("loading", o.loading);
  if (o.page_loading)
    a.raw("page_loading", "true");
  return with(a);
}

commands commands::dispatch(std::string_view event, dispatch_options o) const {
  if (event.empty())
    refuse("dispatch", "the event has no name");
  if (event == "click" && !o.detail.is_null())
    refuse("dispatch", "a click has no detail; use another event, or phx-value-* on the element that is clicked");
  if (o.is_blocking && o.detail.is_object() && o.detail.contains("done"))
    refuse("dispatch", "detail.done is the function that ends a blocking dispatch; name the field otherwise");
  auto a = arguments{"dispatch"};
  a.text("event", event).to(o.to).object_if("detail", o.detail);
  if (!o.bubbles)
    a.raw("bubbles", "false");
  if (o.is_blocking)
    a.raw("blocking", "true");
  return with(a);
}

commands commands::with_display(std::string_view command, const selector& to, const show_options& o) const {
  auto a = arguments{command};
  a.to(to).text_if("display", o.display).transition("transition", o.transition).timing(o.time, o.is_blocking);
  return with(a);
}

commands commands::show(selector to, show_options o) const { return with_display("show", to, o); }
commands commands::hide(selector to, hide_options o) const { return with_display("hide", to, o); }

commands commands::toggle(selector to, toggle_options o) const {
  auto a = arguments{"toggle"};
  a.to(to).text_if("display", o.display).transition("ins", o.in).transition("outs", o.out);
  return with(a.timing(o.time, o.is_blocking));
}

commands commands::with_classes(std::string_view command, std::string_view names, const class_options& o) const {
  auto a = arguments{command};
  a.to(o.to).names("names", names).transition("transition", o.transition).timing(o.time, o.is_blocking);
  return with(a);
}

commands commands::add_class(std::string_view names, class_options o) const {
  return with_classes("add_class", names, o);
}
commands commands::remove_class(std::string_view names, class_options o) const {
  return with_classes("remove_class", names, o);
}
commands commands::toggle_class(std::string_view names, class_options o) const {
  return with_classes("toggle_class", names, o);
}

commands commands::transition(const transition_classes& classes, transition_options o) const {
  if (classes.during.find_first_not_of(' ') == std::string::npos)
    refuse("transition", "there are no classes that animate");
  auto a = arguments{"transition"};
  return with(a.to(o.to).transition("transition", classes).timing(o.time, o.is_blocking));
}

commands commands::set_attr(std::string_view name, std::string_view value, element_options o) const {
  check_name("set_attr", "attribute", name);
  auto a = arguments{"set_attr"};
  return with(a.to(o.to).raw("attr", "[" + json_string(name) + "," + json_string(value) + "]"));
}

commands commands::remove_attr(std::string_view name, element_options o) const {
  check_name("remove_attr", "attribute", name);
  auto a = arguments{"remove_attr"};
  return with(a.to(o.to).text("attr", name));
}

commands commands::toggle_attr(std::string_view name, std::string_view value, element_options o) const {
  check_name("toggle_attr", "attribute", name);
  auto a = arguments{"toggle_attr"};
  return with(a.to(o.to).raw("attr", "[" + json_string(name) + "," + json_string(value) + "]"));
}

commands commands::toggle_attr(std::string_view name, std::string_view one, std::string_view other,
                               element_options o) const {
  check_name("toggle_attr", "attribute", name);
  auto a = arguments{"toggle_attr"};
  const auto values = json_string(name) + "," + json_string(one) + "," + json_string(other);
  return with(a.to(o.to).raw("attr", "[" + values + "]"));
}

commands commands::ignore_attrs(std::initializer_list<std::string_view> names, element_options o) const {
  if (names.size() == 0)
    refuse("ignore_attrs", "there are no attributes to ignore");
  auto list = std::string{};
  for (const auto name : names) {
    check_name("ignore_attrs", "attribute", name);
    list += list.empty() ? "[" : ",";
    append_json_string(list, name);
  }
  auto a = arguments{"ignore_attrs"};
  return with(a.to(o.to).raw("attrs", list + "]"));
}

commands commands::with_element(std::string_view command, const element_options& o) const {
  auto a = arguments{command};
  return with(a.to(o.to));
}

commands commands::focus(element_options o) const { return with_element("focus", o); }
commands commands::focus_first(element_options o) const { return with_element("focus_first", o); }
commands commands::push_focus(element_options o) const { return with_element("push_focus", o); }
commands commands::pop_focus() const { return with_element("pop_focus", {}); }

commands commands::with_link(std::string_view command, std::string_view href, const link_options& o) const {
  check_href(command, href);
  auto a = arguments{command};
  return with(a.text("href", href).raw("replace", o.replace ? "true" : "false"));
}

commands commands::navigate(std::string_view href, link_options o) const { return with_link("navigate", href, o); }
commands commands::patch(std::string_view href, link_options o) const { return with_link("patch", href, o); }

commands commands::exec(std::string_view attribute, element_options o) const {
  check_name("exec", "attribute", attribute);
  auto a = arguments{"exec"};
  return with(a.text("attr", attribute).to(o.to));
}

json exec_detail(std::string_view to, std::string_view attribute) {
  if (to.empty())
    refuse("push_exec", "the selector is empty");
  check_name("push_exec", "attribute", attribute);
  return {{"to", to}, {"attr", attribute}};
}

}  // namespace beamline::web::live::js
