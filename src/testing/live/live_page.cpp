#include "testing/live/live_page.hpp"

#include "base/url.hpp"
#include "testing/live/page_core.hpp"
#include "testing/live/selector.hpp"

#include <algorithm>

namespace beamline::testing {

// -- page_element ----------------------------------------------------------------------------------

std::vector<dom_node*> page_element::found() const {
  core_->settle();
  auto at = std::vector<dom_node*>{&core_->document()};
  for (const auto& part : steps_) {
    const auto wanted = selector{part.css};
    auto next = std::vector<dom_node*>{};
    for (auto* root : at)
      for (auto* n : wanted.all(*root))
        if (part.text.empty() || n->text().find(part.text) != std::string::npos)
          next.push_back(n);
    if (!part.text.empty()) {  // The innermost: whoever is around contains the text, too.
      const auto outer = next;
      std::erase_if(next, [&](auto* n) {
        return std::ranges::any_of(outer, [&](auto* other) {
          return other != n && other->closest([&](const dom_node& e) { return &e == n; }) != nullptr;
        });
      });
    }
    if (part.nth)
      next = *part.nth < next.size() ? std::vector<dom_node*>{next[*part.nth]} : std::vector<dom_node*>{};
    at = std::move(next);
  }
  return at;
}

std::string page_element::describe() const {
  auto out = std::string{};
  for (const auto& part : steps_) {
    out += (out.empty() ? "" : " then ") + part.css;
    if (!part.text.empty())
      out += " with the text \"" + part.text + "\"";
    if (part.nth)
      out += " (number " + std::to_string(*part.nth + 1) + ")";
  }
  return out;
}

dom_node& page_element::one() const {
  const auto all = found();
  if (all.size() == 1)
    return *all[0];
  auto why = all.empty() ? "the page at " + core_->path() + " has no element " + describe()
                         : "the page at " + core_->path() + " has " + std::to_string(all.size()) + " elements "
                               + describe() + ", expected one";
  if (core_->departure())
    why += "; it is about to go to " + core_->departure()->to + ", call follow_redirect()";
  why += "\n";
  for (std::size_t i = 0; i < std::min<std::size_t>(all.size(), 5); ++i)
    why += all[i]->pretty(6);
  throw page_error{all.empty() ? why + core_->body().pretty() : why};
}

bool page_element::exists() const { return !found().empty(); }
std::size_t page_element::count() const { return found().size(); }
std::string page_element::text() const { return one().text(); }
std::string page_element::html() const { return one().outer_html(); }
std::string page_element::inner_html() const { return one().inner_html(); }
std::string page_element::tag() const { return std::string{one().name()}; }
bool page_element::has_class(std::string_view name) const { return one().has_class(name); }
std::string page_element::value() const { return value_of(one()); }
bool page_element::is_checked() const { return testing::is_checked(one()); }

std::optional<std::string> page_element::attribute(std::string_view name) const {
  const auto* value = one().find_attribute(name);
  return value == nullptr ? std::nullopt : std::optional{*value};
}

page_element page_element::element(std::string_view css, std::string_view text) const {
  auto steps = steps_;
  steps.push_back({std::string{css}, std::string{text}});
  return {core_, std::move(steps)};
}

std::vector<page_element> page_element::find_all(std::string_view css) const {
  const auto count = element(css).count();
  auto out = std::vector<page_element>{};
  for (std::size_t i = 0; i < count; ++i) {
    auto steps = steps_;
    steps.push_back({std::string{css}, {}, i});
    out.push_back(page_element{core_, std::move(steps)});
  }
  return out;
}

page_element& page_element::click(const json& value) {
  core_->click(one(), value);
  return *this;
}
page_element& page_element::keydown(std::string_view key, const json& meta) {
  core_->key(one(), "keydown", key, meta);
  return *this;
}
page_element& page_element::keyup(std::string_view key, const json& meta) {
  core_->key(one(), "keyup", key, meta);
  return *this;
}
page_element& page_element::focus() {
  core_->focus(one(), "focus");
  return *this;
}
page_element& page_element::blur() {
  core_->focus(one(), "blur");
  return *this;
}

page_element& page_element::change(const field_input& value) {
  auto& field = one();
  if (!is_field(field))
    throw page_error{field.path() + " is no field; call form(...).change({{name, value}}) on a form"};
  put_into_field(field, value);
  core_->change(field);
  return *this;
}

json page_element::push_event(std::string_view name, const json& payload) {
  return core_->push_hook_event(one(), name, payload);
}

page_element& page_element::exec(std::string_view attribute) {
  auto& n = one();
  const auto* commands = n.find_attribute(attribute);
  if (commands == nullptr)
    throw page_error{n.path() + " has no attribute " + std::string{attribute}};
  core_->run_commands(n, std::string{*commands}, "js");
  return *this;
}

// -- page_form -------------------------------------------------------------------------------------

page_form& page_form::change(const field_inputs& values) {
  auto* last = put_into_form(element_.one(), values);
  if (last == nullptr)
    throw std::invalid_argument{"page_form::change: name at least one field; its event says which has changed"};
  element_.core_->change(*last);
  return *this;
}

page_form& page_form::fill(const field_inputs& values) {
  (void)put_into_form(element_.one(), values);
  return *this;
}

page_form& page_form::type(const field_inputs& values) {
  return values.empty() || !element_.one().has_attribute("phx-change") ? fill(values) : change(values);
}

page_form& page_form::submit(const field_inputs& values) {
  type(values);
  element_.core_->submit(element_.one(), nullptr);
  return *this;
}

page_form& page_form::submit_with(std::string_view button_css, const field_inputs& values) {
  type(values);
  auto& form = element_.one();
  const auto wanted = selector{button_css};
  for (auto* field : fields_of(form))
    if (wanted.matches(*field)) {
      element_.core_->submit(form, field);
      return *this;
    }
  throw page_error{"the form has no button " + std::string{button_css} + ":\n" + form.pretty()};
}

page_element page_form::field(std::string_view name) const {
  auto quoted = std::string{};
  for (const char c : name)
    quoted += (c == '"' || c == '\\') ? std::string{'\\', c} : std::string{c};
  return element_.element("[name=\"" + quoted + "\"]:not([type=\"hidden\"])");
}

json page_form::params() const { return parse_form(native_form_body(element_.one(), nullptr)).value(); }

// -- live_page -------------------------------------------------------------------------------------

std::string live_page::html() const {
  core_->settle();
  return core_->body().inner_html();
}
std::string live_page::text() const {
  core_->settle();
  return core_->body().text();
}
std::string live_page::title() const {
  core_->settle();
  return core_->title();
}
std::string live_page::path() const {
  core_->settle();
  return core_->path();
}
int live_page::status() const { return core_->status(); }

page_element live_page::element(std::string_view css, std::string_view text) const {
  return {core_, {{std::string{css}, std::string{text}}}};
}
std::vector<page_element> live_page::find_all(std::string_view css) const {
  return page_element{core_, {}}.find_all(css);
}
bool live_page::has(std::string_view css, std::string_view text) const { return element(css, text).exists(); }

page_form live_page::form(std::string_view css) const {
  auto found = element(css);
  if (found.tag() != "form")
    throw page_error{std::string{css} + " is no form but <" + found.tag() + ">"};
  return page_form{std::move(found)};
}

std::vector<live_page::pushed_event> live_page::take_events() {
  core_->settle();
  return std::exchange(core_->events(), {});
}

json live_page::expect_event(std::string_view name, duration d) {
  auto& events = core_->events();
  const auto here = [&] {
    core_->settle();
    return std::ranges::find(events, name, &pushed_event::name);
  };
  auto found = here();
  const auto end = core_->the_world().now() + d;
  while (found == events.end() && core_->the_world().now() < end) {
    if (!core_->the_world().step())
      break;
    found = here();
  }
  if (found != events.end()) {
    auto payload = std::move(found->payload);
    events.erase(found);
    return payload;
  }
  auto others = std::string{};
  for (const auto& e : events)
    others += (others.empty() ? "" : ", ") + e.name;
  throw page_error{"no event \"" + std::string{name}
                   + "\" was pushed; there were: " + (others.empty() ? "none" : others)};
}

live_page& live_page::patch(std::string_view path) {
  core_->settle();
  core_->patch(std::string{path});
  return *this;
}
live_page& live_page::navigate(std::string_view path) {
  core_->settle();
  core_->check_live();
  core_->navigate(std::string{path});
  if (core_->departure())
    core_->follow();
  return *this;
}
std::optional<std::string> live_page::leaving_to() const {
  core_->settle();
  return core_->departure() ? std::optional{core_->departure()->to} : std::nullopt;
}
live_page& live_page::follow_redirect() {
  core_->follow();
  return *this;
}

void live_page::assert_patch(std::string_view path) {
  core_->settle();
  auto& done = core_->patches();
  const auto found = std::ranges::find(done, path);
  if (found == done.end()) {
    auto all = std::string{};
    for (const auto& p : done)
      all += (all.empty() ? "" : ", ") + p;
    throw page_error{"the view has not patched to " + std::string{path}
                     + "; it patched to: " + (all.empty() ? "nothing" : all) + "\n" + core_->body().pretty(30)};
  }
  done.erase(done.begin(), found + 1);
}

void live_page::assert_redirect(std::string_view path) const {
  const auto to = leaving_to();
  if (!to)
    throw page_error{"the page stays at " + core_->path() + ", expected it to go to " + std::string{path} + "\n"
                     + core_->body().pretty(30)};
  if (*to != path)
    throw page_error{"the page is about to go to " + *to + ", expected " + std::string{path}};
}

live_page& live_page::connect() {
  core_->connect();
  return *this;
}
bool live_page::is_connected() const {
  core_->settle();
  return core_->is_connected();
}
void live_page::expect_crash(const std::function<void()>& what) { core_->expect_crash(what); }
live_page& live_page::rejoin() {
  core_->rejoin();
  return *this;
}
live_page& live_page::disconnect() {
  core_->disconnect();
  return *this;
}
live_page& live_page::reconnect() {
  core_->reconnect();
  return *this;
}
int live_page::close_code() const {
  core_->settle();
  return core_->close_code();
}
std::string live_page::pretty() const {
  core_->settle();
  return core_->body().pretty(200);
}
std::string live_page::wire_log() const { return core_->log(); }

}  // namespace beamline::testing
