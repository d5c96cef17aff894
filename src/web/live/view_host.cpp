#include "web/live/view_host.hpp"

#include "base/log.hpp"
#include "pubsub/subscription.hpp"
#include "web/live/flash.hpp"
#include "web/live/http_error.hpp"
#include "web/live/live_events.hpp"

#include <utility>

namespace beamline::web::live {

namespace {

std::string type_name(const caf::type_erased_tuple& content) {
  if (content.empty())
    return "nothing";
  const auto* type = content.type(0).second;
  return type == nullptr ? std::string{"a plain value"} : readable_name(*type);
}

/// The array alone, for join replies.
std::string event_list(const std::vector<push_event>& events) {
  constexpr auto before = std::string_view{R"({"e":)"};
  auto text = encode_events(events);
  return text.empty() ? std::string{"[]"} : text.substr(before.size(), text.size() - before.size() - 1);
}

}  // namespace

view_host::view_host(process_context& c, setup s)
    : process{c},
      channel_{s.channel},
      port_{std::move(s.port)},
      site_{std::move(s.site)},
      join_{std::make_unique<join_accepted>(std::move(s.join))},
      view_id_{join_->view_id},
      is_sticky_{!join_->is_routable && !site_.parent},
      instance_{*this, *this, instance_setup(s)} {}

view_instance::setup view_host::instance_setup(setup& s) {
  view_instance::setup out;
  out.what = std::move(s.what);
  out.name = site_.name.empty() ? join_->view : std::move(site_.name);
  out.is_routable = join_->is_routable;
  out.flash = flash_from(join_->flash);
  out.route = std::move(s.route);
  if (site_.session && !site_.session->on_mount.empty())
    out.on_mount = on_mount_hooks{site_.session, &site_.session->on_mount};
  out.key = s.key;
  out.tasks = site_.tasks;
  out.nested = [this](const nested_view_spec& spec) { return place_nested(spec); };
  return out;
}

// -- its life ------------------------------------------------------------------------------------

behavior view_host::init() {
  const auto begun = now();
  if (site_.parent)
    watch(site_.parent, [this](const reason&) {
      is_over_ = true;
      stop(reason::shutdown("parent ended"));
    });
  guarded([] { return "mount"; }, [this] { join(); });
  join_.reset();
  if (!is_over_)
    env().events().emit<view_mounted>([&] { return view_mounted{instance_.name(), now() - begun}; });
  return handlers([this](const channels::channel_event& e) { handle(e); },
                  [this](const channels::channel_drained&) { flush(); },
                  [this](const pubsub::signalled& s) { handle(s); },
                  [this](const component_update& u) {
                    guarded([] { return "send_update"; },
                            [&] {
                              instance_.update(u);
                              view_ran();
                            });
                  },
                  [this](const nested_patch& m) {
                    guarded([] { return "patch of a nested view"; },
                            [&] {
                              instance_.patch(m.to);
                              view_ran();
                            });
                  });
}

void view_host::join() {
  auto& j = *join_;
  const auto extras = [&](std::optional<patch_to> patch) {
    return join_extras{.patch = std::move(patch), .container = std::move(site_.container)};
  };
  try {
    instance_.mount({.params = std::move(j.params),
                     .session = std::move(j.session),
                     .url = j.url.value_or(""),
                     .action = std::move(j.action)},
                    {std::move(j.connect_params), site_.has_static_changed});
  } catch (const http_error& e) {
    port_->join_error(channel_, reload_response(e.status(), site_.tokens->sign(reload_token{e.status(), e.what()})));
    is_over_ = true;
    return stop();
  }
  if (instance_.is_leaving())
    return join_elsewhere(instance_.take_navigation());
  auto page = instance_.full();
  port_->join_ok(channel_, join_response(page, extras(instance_.take_patch())));
  instance_.sent();
  view_ran();  // Hooks after the render may have had something to say.
}

void view_host::join_elsewhere(navigation target) {
  const auto events = event_list(instance_.take_events());
  auto refuse = [&](auto& to) {
    to.flash_token = flash_token();
    port_->join_error(channel_, join_response(to, events));
  };
  if (auto* to = std::get_if<navigate_to>(&target))
    refuse(*to);
  else
    refuse(std::get<redirect_to>(target));
  is_over_ = true;
  stop();
}

void view_host::terminate(const reason& why) {
  // What is over is not to be mounted anew: a nested view, above all, whose parent has ended.
  const auto is_crash = is_crashed_ || !(is_over_ || why.is_normal());
  port_->down(channel_, is_crash ? channels::down_reason::crashed : channels::down_reason::normal);
  if (site_.family)
    site_.family->ended(view_id_, self());
  instance_.terminate(why);
}

void view_host::view_threw(std::string during, const std::exception_ptr& thrown) {
  if (is_over_)
    return;
  is_over_ = is_crashed_ = true;
  const auto crash = describe_crash(instance_.name(), instance_.url(), std::move(during), thrown);
  publish(env(), self(), crash);
  stop(reason::shutdown("view crashed: " + crash.what));
}

/// What cannot merge waits for a browser that may be frozen.
void view_host::watch_budget() {
  if (instance_.waiting_octets() <= view_instance::waiting_octets_max || port_->writable()
      || std::exchange(is_losing_patience_, true))
    return;
  run_after(patience, [this] {
    is_losing_patience_ = false;
    if (!is_over_ && instance_.waiting_octets() > view_instance::waiting_octets_max && !port_->writable())
      give_up();
  });
}

/// It has more to say than its browser takes.
void view_host::give_up() {
  is_over_ = is_crashed_ = true;
  const auto pending = instance_.pending_events();
  const auto octets = instance_.waiting_octets();
  env().log().warn("web", "a browser does not take what a live view pushes, and will mount it anew",
                   {{"view", instance_.name()},
                    {"url", instance_.url()},
                    {"pending_events", pending},
                    {"pending_events_max", view_instance::pending_events_max},
                    {"waiting_octets", octets},
                    {"waiting_octets_max", view_instance::waiting_octets_max}});
  env().events().emit(view_overrun{instance_.name(), pending, octets});
  stop(reason::shutdown("overrun"));
}

// -- what other processes send -------------------------------------------------------------------

bool view_host::handle_other(const caf::type_erased_tuple& content) {
  bool is_expected = true;
  guarded([&] { return "info " + type_name(content); },
          [&] {
            is_expected = instance_.handle_info(content);
            if (is_expected)
              view_ran();
          });
  return is_expected;
}

void view_host::handle(const pubsub::signalled& s) {
  const auto newest = s.what->take();
  if (newest.empty())
    return;
  if (!handle_other(newest.content()))
    env().log().warn(
        "web", "a view is subscribed to a topic whose messages it does not handle",
        {{"view", instance_.name()}, {"topic", s.what->topic()}, {"message", type_name(newest.content())}});
}

void view_host::patch_root(patch_to target) {
  if (!site_.root)
    throw std::logic_error{"patch to " + target.to
                           + ": a view without a URL of its own, and without a parent, has no "
                             "page whose URL it could change"};
  cast(site_.root, nested_patch{std::move(target)});
}

safe_html view_host::place_nested(const nested_view_spec& spec) {
  if (!nested_) {
    auto scope = site_.nested;
    scope.process = self().id();
    nested_ = std::make_unique<nested_places>(std::move(scope));
  }
  return nested_->place(spec);
}

// -- what the browser sends ----------------------------------------------------------------------

void view_host::handle(const channels::channel_event& e) {
  port_->handled(channel_);
  if (is_over_)
    return;
  ref_ = e.ref;
  auto m = result<client_message>{error{}};
  guarded([&] { return "message \"" + e.name.substr(0, 64) + "\""; },
          [&] {
            m = decode_client_message(e.name, e.payload);
            if (!m)
              throw protocol_violation{"the browser does not follow the protocol: " + m.error().message};
          });
  if (m)
    std::visit([this](const auto& known) { handle(known); }, *m);
}

void view_host::handle(const event& e) {
  const auto begun = now();
  guarded([&] { return "event \"" + e.name.substr(0, 64) + "\""; },
          [&] {
            if (!instance_.handle_event(e))  // It was removed while the event was on its way.
              return answer(event_response(std::string_view{}));
            answer_with_changes();
          });
  env().events().emit<view_event_handled>([&] { return view_event_handled{instance_.name(), e.name, now() - begun}; });
}

void view_host::handle(const clear_flash& e) {
  guarded([] { return "event \"lv:clear-flash\""; },
          [&] {
            instance_.clear_flash(e);
            answer_with_changes();
          });
}

void view_host::handle(const live_patch& e) {
  guarded([] { return "handle_params"; },
          [&] {
            auto is_own = false;
            try {
              is_own = instance_.handle_params(e.url);
            } catch (const http_error&) {
              // The browser goes there by itself, and gets the error page.
            }
            if (is_own)
              answer_with_changes();
            else
              answer(link_redirect_response());
          });
}

void view_host::handle(const components_leaving& e) {
  instance_.components_leaving(e.components);
  answer(event_response(std::string_view{}));
}

void view_host::handle(const components_left& e) {
  guarded([] { return "the end of a component"; },
          [&] {
            answer(dump_json({{"cids", instance_.components_left(e.components)}}));
          });
}

// -- what it is told -------------------------------------------------------------------------------

void view_host::answer(std::string response) {
  if (ref_)
    port_->reply(channel_, *ref_, channels::status_ok, std::move(response));
  ref_.reset();
}

void view_host::answer_with_changes() {
  if (leave_if_asked(true))
    return;
  auto changes = instance_.diff();
  // The URL changes first, then the page that shows it.
  if (auto patch = instance_.take_patch())
    port_->push(channel_, live_patch_event, encode(*patch));
  answer(event_response(changes));
  instance_.sent();
  if (instance_.is_overrun())
    give_up();
  else if (instance_.has_news())  // Of a hook after the render, or a component while it was rendered.
    view_ran();
}

void view_host::view_ran() {
  if (is_over_ || leave_if_asked(false))
    return;
  if (instance_.is_overrun())
    return give_up();
  instance_.end_turn();
  if (!instance_.has_news())
    return;
  watch_budget();
  // A view that pushes many events in a row does so to a browser that takes them.
  if (instance_.has_many_events() && port_->writable())
    return push_changes();
  // Behind everything that waits already: a flood of changes is rendered once. Not as a cast, which a full mailbox
  // would drop, and with it every change from then on.
  if (std::exchange(is_flush_queued_, true))
    return;
  resume_with([this] {
    is_flush_queued_ = false;
    flush();
  })();
}

void view_host::flush() {
  if (!is_over_ && instance_.has_news() && port_->writable())  // Else `channel_drained` comes when it is.
    push_changes();
}

void view_host::push_changes() {
  guarded([] { return "render"; },
          [this] {
            auto changes = instance_.diff();
            if (auto patch = instance_.take_patch())
              port_->push(channel_, live_patch_event, encode(*patch));
            if (!changes.empty())
              port_->push(channel_, diff_event, std::move(changes));
            instance_.sent();
            if (instance_.is_overrun())
              give_up();
            else if (instance_.has_news())  // A component that must not share a message with the page around it.
              view_ran();
          });
}

std::string view_host::flash_token() const {
  return instance_.flash().empty() ? std::string{} : site_.tokens->sign_flash(instance_.flash_json());
}

bool view_host::leave_if_asked(bool is_answer) {
  auto target = instance_.take_navigation();
  if (std::holds_alternative<std::monostate>(target))
    return false;
  // A sticky view stays when the page around it changes.
  const auto is_staying = is_sticky_ && std::holds_alternative<navigate_to>(target);
  is_over_ = !is_staying;
  if (site_.family && !is_staying)
    site_.family->redirecting(view_id_, self());
  // Events that were pushed before still reach the page.
  if (auto last = encode_events(instance_.take_events()); !last.empty())
    port_->push(channel_, diff_event, std::move(last));
  auto go = [&](auto& to, std::string_view name) {
    to.flash_token = flash_token();
    if (is_answer && ref_)
      answer(event_response(to));
    else
      port_->push(channel_, name, encode(to));
  };
  if (auto* to = std::get_if<navigate_to>(&target))
    go(*to, live_redirect_event);
  else if (auto* page = std::get_if<redirect_to>(&target))
    go(*page, redirect_event);
  if (is_staying)
    view_ran();  // What it changed besides.
  else
    stop();
  return true;
}

}  // namespace beamline::web::live
