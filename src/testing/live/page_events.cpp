// Who hears of an event, clicks and keys.

#include "testing/live/page_core.hpp"
#include "testing/live/page_meta.hpp"
#include "testing/live/selector.hpp"

#include <algorithm>

namespace beamline::testing {

namespace {

bool is_submit_button(const dom_node& n) {
  const auto type = n.attribute("type");
  return n.name() == "button" ? type.empty() || type == "submit"
                              : n.name() == "input" && (type == "submit" || type == "image");
}

}  // namespace

// -- who hears of it -------------------------------------------------------------------------------

std::vector<page_core::receiver> page_core::receivers(dom_node& source, const json& target) {
  auto wanted = std::string{source.attribute("phx-target")};
  if (target.is_number())
    wanted = target.dump();
  else if (target.is_string())
    wanted = target.get<std::string>();
  if (wanted.empty())
    return {{view_of(source).id, std::nullopt}};
  if (const auto number = component_number(wanted)) {
    auto& v = view_of(source);
    if (find_component(v, wanted) == nullptr)
      throw page_stuck{source.path() + ": no component found matching phx-target of " + wanted};
    return {{v.id, number}};
  }
  auto out = std::vector<receiver>{};
  for (auto* found : selector{wanted}.all(*document_)) {
    auto& v = view_of(*found);
    auto* component = found->closest(
        [](const dom_node& n) { return n.has_attribute("data-phx-component") || n.has_attribute("data-phx-session"); });
    out.push_back({v.id, component_number(component->attribute("data-phx-component"))});
  }
  if (out.empty())
    throw page_stuck{source.path() + ": nothing found matching the phx-target selector \"" + wanted + "\""};
  return out;
}

json page_core::tell(const receiver& to, json payload) {
  auto* v = find_view(to.view);
  if (v == nullptr || v->now != page_view::state::joined)
    return nullptr;  // It went while others were told.
  if (to.component)
    payload["cid"] = *to.component;
  return request(*v, "event", std::move(payload));
}

dom_node* page_core::find_component(const page_view& v, std::string_view number) {
  dom_node* out = nullptr;
  container_of(v).each_element([&](dom_node& n) {
    if (out == nullptr && n.attribute("data-phx-component") == number && &view_of(n) == &v)
      out = &n;
  });
  return out;
}

std::set<std::uint64_t> page_core::components_in_page(const page_view& v) {
  auto out = std::set<std::uint64_t>{};
  if (auto* container = document_->find_id(v.id))
    container->each_element([&](dom_node& n) {
      const auto number = component_number(n.attribute("data-phx-component"));
      if (!number)
        return;
      const auto* owner = n.closest([](const dom_node& e) { return e.has_attribute("data-phx-session"); });
      if (owner == container)
        out.insert(*number);
    });
  return out;
}

void page_core::drop_missing_components(page_view& v) {
  if (is_dropping_ || v.now != page_view::state::joined)
    return;
  const auto id = v.id;
  const auto missing = [&] {
    const auto there = components_in_page(v);
    auto out = std::vector<std::uint64_t>{};
    for (const auto cid : v.model.components())
      if (!there.contains(cid))
        out.push_back(cid);
    return out;
  };
  auto gone = missing();
  if (gone.empty())
    return;
  is_dropping_ = true;
  (void)request(v, "cids_will_destroy", {{"cids", gone}});
  if (find_view(id) == nullptr) {
    is_dropping_ = false;
    return;
  }
  gone = missing();
  if (!gone.empty() && v.now == page_view::state::joined) {
    const auto response = request(v, "cids_destroyed", {{"cids", gone}});
    if (const auto* cids = find_array(response, "cids"); cids != nullptr && find_view(id) != nullptr)
      v.model.prune(cids->get<std::vector<std::uint64_t>>());
  }
  is_dropping_ = false;
}

void page_core::push(dom_node& source, std::string_view type, const json& args, const json& meta) {
  check_live();
  const auto value = meta_of(source, meta, field_or_null(args, "value"));
  for (const auto& [view, component] : receivers(source, field_or_null(args, "target"))) {
    (void)tell({view, component}, {{"type", type}, {"event", args.at("event")}, {"value", value}});
    if (departure_)
      return;
  }
}

// -- clicks and keys -------------------------------------------------------------------------------

void page_core::check_enabled(dom_node& n) const {
  const auto* disabled = n.closest([&](const dom_node& around) {
    return around.has_attribute("disabled") && (is_field(around) || around.name() == "fieldset");
  });
  if (disabled != nullptr)
    throw page_error{disabled->path() + " is disabled: a visitor can do nothing with it"};
}

void page_core::click(dom_node& n, const json& value) {
  check_enabled(n);
  if (n.name() == "label") {
    auto* field = n.has_attribute("for") ? document_->find_id(n.attribute("for")) : nullptr;
    n.each_element([&](dom_node& inner) {
      if (field == nullptr && is_field(inner))
        field = &inner;
    });
    if (field != nullptr)
      return click(*field, value);
  }
  auto* bound = n.closest([](const dom_node& e) { return e.has_attribute("phx-click"); });
  auto* link = n.closest([](const dom_node& e) { return e.name() == "a" && e.has_attribute("href"); });
  auto* button = n.closest(is_submit_button);
  auto* form = button == nullptr ? nullptr : form_of(*button);
  const auto is_box = n.name() == "input" && (n.attribute("type") == "checkbox" || n.attribute("type") == "radio");
  if (bound == nullptr && link == nullptr && form == nullptr && !is_box)
    throw page_error{"nothing happens when " + n.path()
                     + " is clicked: it has no phx-click, is no link and no button of a form:\n" + n.pretty(20)};
  const auto button_path = button == nullptr ? std::string{} : button->path();
  const auto href = link == nullptr ? std::string{} : link->path();
  if (is_box)
    toggle_box(n);
  if (bound != nullptr) {
    auto meta = json::object();
    if (value.is_object())
      meta = value;
    const auto commands = std::string{bound->attribute("phx-click")};
    if (has_commands(commands) || !value.is_object())
      run_commands(*bound, commands, "click");
    else
      run_command(*bound, "push", {{"event", commands}, {"value", meta}}, "click", nullptr);
  }
  if (departure_)
    return;
  // The page may have been patched meanwhile: what is gone is not followed.
  if (!href.empty())
    if (auto* still = again(link, href); still != nullptr && still->has_attribute("href"))
      return follow_link(*still);
  if (form != nullptr)
    if (auto* still = again(button, button_path); still != nullptr && form_of(*still) != nullptr)
      submit(*form_of(*still), still);
}

void page_core::toggle_box(dom_node& box) {
  if (box.attribute("type") == "radio") {
    if (auto* form = form_of(box))
      for (auto* other : fields_of(*form))
        if (other->attribute("name") == box.attribute("name"))
          other->state().is_checked = false;
    box.state().is_checked = true;
  } else {
    box.state().is_checked = !is_checked(box);
  }
  box.state().has_focused = true;
  auto* form = form_of(box);
  if (box.has_attribute("phx-change") || (form != nullptr && form->has_attribute("phx-change")))
    change(box);
}

void page_core::follow_link(dom_node& link) {
  const auto href = std::string{link.attribute("href")};
  const auto how = link.attribute("data-phx-link");
  if (how == "patch")
    return patch(href);
  if (how == "redirect") {
    departure_ = page_departure{page_departure::kind::navigate, href};
    return;
  }
  if (!href.starts_with('#'))
    departure_ = page_departure{page_departure::kind::load, href};
}

void page_core::key(dom_node& n, std::string_view type, std::string_view key, const json& meta) {
  auto value = json{{"key", key}};
  if (meta.is_object())
    value.update(meta);
  const auto is_meant = [&](const dom_node& e) {
    const auto wanted = e.attribute("phx-key");
    return wanted.empty() || std::ranges::equal(wanted, key, [](unsigned char a, unsigned char b) {
             return std::tolower(a) == std::tolower(b);
           });
  };
  const auto own = "phx-" + std::string{type};
  if (n.has_attribute(own)) {
    if (is_meant(n))
      run_commands(n, std::string{n.attribute(own)}, type, value);
    return;
  }
  const auto window = "phx-window-" + std::string{type};
  const auto listeners = selector{"[" + window + "]"}.all(*document_);
  if (listeners.empty())
    throw page_error{"nobody listens: neither " + n.path() + " has " + own + " nor anything in the page " + window};
  for (auto* listener : listeners)
    if (is_meant(*listener)) {
      run_commands(*listener, std::string{listener->attribute(window)}, type, value);
      return;  // Others would have to be looked up anew; one per page is what is used.
    }
}

void page_core::focus(dom_node& n, std::string_view type) {
  focused_ = type == "focus" ? &n : nullptr;
  const auto name = "phx-" + std::string{type};
  if (n.has_attribute(name))
    run_commands(n, std::string{n.attribute(name)}, type);
}

json page_core::push_hook_event(dom_node& n, std::string_view name, const json& payload) {
  check_live();
  if (!n.has_attribute("phx-hook") && !n.has_attribute("data-phx-hook"))
    throw page_error{n.path() + " has no phx-hook: no script of it could push an event"};
  if (n.id().empty())
    throw page_stuck{n.path() + " has a phx-hook but no id; the client does not mount it"};
  auto reply = json{};
  for (const auto& [view, component] : receivers(n, nullptr)) {
    const auto response = tell({view, component}, {{"type", "hook"}, {"event", name}, {"value", payload}});
    if (const auto* diff = find_object(response, "diff"))
      reply = field_or_null(*diff, "r");
  }
  return reply;
}

}  // namespace beamline::testing
