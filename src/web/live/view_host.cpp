#include "web/live/view_host.hpp"

#include <stdexcept>
#include <utility>

namespace beamline::web::live {

namespace {

flash_messages flash_from(const json& object) {
  flash_messages out;
  for (const auto& [kind, text] : object.items())
    if (text.is_string())
      out.emplace(kind, text.get<std::string>());
  return out;
}

}  // namespace

view_host::view_host(process_context& c, setup s)
    : view_process{c, std::move(s.what), true, flash_from(s.join.flash)},
      channel_{s.channel},
      port_{std::move(s.port)},
      route_{std::move(s.route)},
      tokens_{*s.tokens},
      join_{std::move(s.join)},
      memory_{s.key} {}

behavior view_host::init() {
  mount_view({join_.params, join_.session, join_.url.value_or("")}, route_);
  auto target = take_navigation();
  auto flash_token = flash().empty() ? std::string{} : tokens_.sign_flash(flash_json());
  if (auto* to = std::get_if<navigate_to>(&target)) {
    to->flash_token = flash_token;
    port_->join_error(channel_, join_response(*to));
    stop();
  } else if (auto* page = std::get_if<redirect_to>(&target)) {
    page->flash_token = flash_token;
    port_->join_error(channel_, join_response(*page));
    stop();
  } else {
    auto events = take_events();
    auto title = view_title();
    auto tree = encode_full(memory_, render_view(), {.title = title, .events = events});
    port_->join_ok(channel_, join_response(tree, take_patch()));
  }
  join_ = {};  // The session and the parameters are the view's now.
  return handlers([this](const channels::channel_event& e) { handle(e); },
                  [this](const channels::channel_drained&) {
                    if (is_dirty_)
                      push_changes();
                  });
}

void view_host::terminate(const reason& why) {
  port_->down(channel_, why.is_normal() ? channels::down_reason::normal : channels::down_reason::crashed);
}

bool view_host::handle_other(const caf::type_erased_tuple& content) {
  bool is_expected = false;
  run_view([&](view& v, view_socket& s) { is_expected = v.handle_message(content, s); }, route_);
  if (is_expected)
    changed();
  return is_expected;
}

void view_host::changed() {
  if (leave_if_asked(false))
    return;
  is_dirty_ = true;
  // Behind everything that waits already: a flood of changes is rendered once. Not as a cast, which a full mailbox
  // would drop, and with it every change from then on.
  if (std::exchange(is_flush_queued_, true))
    return;
  resume_with([this] {
    is_flush_queued_ = false;
    if (is_dirty_)
      push_changes();
  })();
}

// -- what the browser sends ------------------------------------------------------------------

void view_host::handle(const channels::channel_event& e) {
  port_->handled(channel_);
  auto m = decode_client_message(e.name, e.payload);
  if (!m)
    throw std::runtime_error{"the browser does not follow the protocol: " + m.error().message};
  ref_ = e.ref;
  std::visit([this](const auto& known) { handle(known); }, *m);
}

void view_host::handle(const event& e) {
  if (e.component)  // It may have been removed while the event was on its way.
    return answer(event_response(std::string_view{}));
  run_view([&](view& v, view_socket& s) { v.handle_event(e, s); }, route_);
  answer_with_changes();
}

void view_host::handle(const clear_flash& e) {
  if (e.key)
    flash().erase(*e.key);
  else
    flash().clear();
  answer_with_changes();
}

void view_host::handle(const live_patch& e) {
  auto target = route_(e.url);
  if (!target)
    return answer(link_redirect_response());
  flash().clear();
  patch_view(*std::move(target), route_);
  answer_with_changes();
}

void view_host::handle(const components_leaving&) { answer(event_response(std::string_view{})); }

void view_host::handle(const components_left&) { answer(R"({"cids":[]})"); }

// -- what it is told -------------------------------------------------------------------------

void view_host::answer(std::string response) {
  if (ref_)
    port_->reply(channel_, *ref_, channels::status_ok, std::move(response));
  ref_.reset();
}

void view_host::answer_with_changes() {
  if (leave_if_asked(true))
    return;
  // The URL changes first, then the page that shows it.
  if (auto patch = take_patch())
    port_->push(channel_, live_patch_event, encode(*patch));
  is_dirty_ = false;
  answer(event_response(diff()));
}

void view_host::push_changes() {
  if (!port_->writable())
    return;  // `channel_drained` comes when it is.
  is_dirty_ = false;
  if (auto patch = take_patch())
    port_->push(channel_, live_patch_event, encode(*patch));
  if (auto changes = diff(); !changes.empty())
    port_->push(channel_, diff_event, std::move(changes));
}

std::string view_host::diff() {
  auto events = take_events();
  auto reply = take_reply();
  auto title = view_title();
  return encode_diff(memory_, render_view(), {.title = title, .events = events, .reply = reply});
}

bool view_host::leave_if_asked(bool is_answer) {
  auto target = take_navigation();
  if (std::holds_alternative<std::monostate>(target))
    return false;
  // Events that were pushed before still reach the page.
  auto events = take_events();
  if (auto last = encode_events(events); !last.empty())
    port_->push(channel_, diff_event, std::move(last));
  auto flash_token = flash().empty() ? std::string{} : tokens_.sign_flash(flash_json());
  auto go = [&](auto& to, std::string_view name) {
    to.flash_token = flash_token;
    if (is_answer && ref_)
      answer(event_response(to));
    else
      port_->push(channel_, name, encode(to));
  };
  if (auto* to = std::get_if<navigate_to>(&target))
    go(*to, live_redirect_event);
  else if (auto* page = std::get_if<redirect_to>(&target))
    go(*page, redirect_event);
  stop();
  return true;
}

}  // namespace beamline::web::live
