#include "web/live/view_instance.hpp"

#include "pubsub/subscription.hpp"
#include "web/live/view_socket_part.hpp"

#include <stdexcept>
#include <utility>

namespace beamline::web::live {

view_instance::view_instance(process& in, view_owner& owner, setup s)
    : process_{in},
      owner_{owner},
      view_{std::move(s.what)},
      name_{std::move(s.name)},
      route_{std::move(s.route)},
      on_mount_{std::move(s.on_mount)},
      tasks_{std::move(s.tasks)},
      is_connected_{s.is_connected},
      is_routable_{s.is_routable},
      flash_{std::move(s.flash)},
      tree_{{.key = s.key,
             .is_connected = s.is_connected,
             .flash = &flash_,
             .host = this,
             .nested = std::move(s.nested)}},
      socket_{std::make_unique<view_side>(*this)} {}

view_instance::~view_instance() = default;

// -- mount, and other URLs -----------------------------------------------------------------------

void view_instance::mount(mount_params p, connect_info c) {
  url_ = p.url;
  mounting_ = std::make_unique<mounting>(mounting{std::move(c)});
  run_on_mount(p);
  if (!is_leaving())
    view_->mount(p, *socket_);
  mounting_.reset();
  on_mount_.reset();
  const auto is_staying = !is_leaving() || std::holds_alternative<patch_to>(navigation_);
  if (is_staying && is_routable_)
    run_handle_params(p);
  session_ = std::move(p.session);
  follow_patches();
}

void view_instance::run_on_mount(const mount_params& p) {
  if (!on_mount_)
    return;
  for (const auto& hook : *on_mount_) {
    const auto is_halted = hook(p, *socket_) == hook_result::halt;
    if (is_halted == is_leaving() && !std::holds_alternative<patch_to>(navigation_)) {
      if (is_halted)
        return;
      continue;
    }
    throw std::logic_error{is_halted ? "an on_mount hook halted without a redirect or navigate"
                                     : "an on_mount hook asked for a redirect, navigate or patch and did not halt"};
  }
}

void view_instance::run_handle_params(const mount_params& p) {
  if (!hooks_ || run_hooks(hooks_->params, p, *socket_) == hook_result::cont)
    view_->handle_params(p, *socket_);
}

bool view_instance::handle_params(std::string_view url) {
  auto target = is_routable_ ? route_(url) : std::nullopt;
  if (!target)
    return false;
  socket_->clear_flash();
  target->session = session_;
  url_ = target->url;
  run_handle_params(*target);
  touch(0);
  follow_patches();
  return true;
}

void view_instance::patch(patch_to target) {
  go(std::move(target));
  touch(0);
  follow_patches();
}

void view_instance::follow_patches() {
  for (int n = 0; auto* patch = std::get_if<patch_to>(&navigation_); ++n) {
    if (n == chained_patches_max)
      throw std::logic_error{"handle_params patched " + std::to_string(n) + " times in a row"};
    auto to = std::move(*patch);
    navigation_ = std::monostate{};
    if (!is_routable_)
      return owner_.patch_root(std::move(to));
    auto target = route_(to.to);
    if (!target)
      throw std::logic_error{"patch to " + to.to + ": that path is not one of this view; use navigate"};
    target->session = session_;
    url_ = target->url;
    patched_ = std::move(to);
    run_handle_params(*target);
    touch(0);
  }
}

void view_instance::go(navigation where) {
  if (is_leaving())
    throw std::logic_error{"a view can go to one place at a time, and is asked for a second one"};
  navigation_ = std::move(where);
}

// -- events and messages -------------------------------------------------------------------------

bool view_instance::handle_event(const event& e) {
  if (e.component && *e.component != 0) {
    auto* target = tree_.find(*e.component);
    if (target == nullptr)
      return false;
    target->handle_event(e, side_of(*e.component));
    touch(*e.component);
  } else {
    if (!hooks_ || run_hooks(hooks_->events, e, *socket_) == hook_result::cont)
      view_->handle_event(e, *socket_);
    touch(0);
  }
  follow_patches();
  return true;
}

bool view_instance::handle_info(const caf::type_erased_tuple& content) {
  const auto is_taken = (hooks_ && run_hooks(hooks_->infos, info_message{content}, *socket_) == hook_result::halt)
                     || view_->handle_message(content, *socket_);
  if (is_taken)
    touch(0);
  follow_patches();
  return is_taken;
}

void view_instance::clear_flash(const live::clear_flash& which) {
  auto clear = [&](live_socket& s) {
    if (which.key)
      s.clear_flash(*which.key);
    else
      s.clear_flash();
  };
  if (!which.component || *which.component == 0) {
    clear(*socket_);
    touch(0);
  } else if (tree_.find(*which.component) != nullptr) {
    clear(side_of(*which.component));
    touch(*which.component);
  }
}

void view_instance::update(const component_update& u) {
  (void)tree_.update(*u.place);  // It may have gone while this was on its way.
  follow_patches();
}

void view_instance::touch(component_id by) {
  if (by == 0)
    tree_.view_changed();
  else
    tree_.component_changed(by);
}

async_jobs& view_instance::jobs() {
  if (!jobs_)
    jobs_ = std::make_unique<async_jobs>(
        process_, tasks_, [this](component_id by, std::string_view key, const std::function<void()>& fn) {
          later(by, key.starts_with('\0') ? std::string{"assign_async"} : "async \"" + std::string{key} + "\"", fn);
        });
  return *jobs_;
}

void view_instance::terminate(const reason& why) noexcept {
  try {
    if (jobs_)
      jobs_->drop_all();
    view_->terminate(why);
  } catch (...) {
    publish(process_.env(), process_.self(), describe_crash(name_, url_, "terminate", std::current_exception()));
  }
}

// -- its components ------------------------------------------------------------------------------

view_instance::component_side& view_instance::side_of(component_id id) {
  auto& side = sides_[id];
  if (!side)
    side = std::make_unique<component_side>(*this, id);
  return *side;
}

component_socket& view_instance::socket_of(component_id id) { return side_of(id); }

const assign<flash_messages>* view_instance::flash_of(component_id id) { return &side_of(id).flash_cell(); }

void view_instance::component_removed(component_id id) {
  if (jobs_)
    jobs_->drop(id);
  sides_.erase(id);
}

// -- what is to be sent ----------------------------------------------------------------------------

void view_instance::add_event(component_id by, push_event e) {
  const auto octets = e.name.size() + e.payload.size();
  // One alone may be as large as it likes.
  const auto is_too_much = [octets](std::size_t count, std::size_t sum) {
    return count >= pending_events_max || (count > 0 && sum + octets > pending_events_octets_max);
  };
  if (is_too_much(events_ - earlier_events_, events_octets_ - earlier_octets_))
    throw std::length_error{"push_event(\"" + e.name + "\"): more than " + std::to_string(pending_events_max)
                            + " events, or " + std::to_string(pending_events_octets_max)
                            + " octets of them, in one turn of the view; push one with a list, or render it"};
  if (is_too_much(events_, events_octets_) && !owner_.is_browser_reading()) {
    is_overrun_ = true;
    return;
  }
  ++events_;
  events_octets_ += octets;
  (by == 0 ? view_events_ : component_events_).push_back(std::move(e));
}

std::vector<push_event> view_instance::take_events() {
  events_ = events_octets_ = earlier_events_ = earlier_octets_ = 0;
  auto all = std::exchange(view_events_, {});
  if (all.empty())
    return std::exchange(component_events_, {});
  std::move(component_events_.begin(), component_events_.end(), std::back_inserter(all));
  component_events_ = {};
  return all;
}

std::string view_instance::html() {
  return tree_.html([this](render_context& c) { return view_->render(c); });
}

std::string view_instance::full() { return render_text(true); }

std::string view_instance::diff() { return render_text(false); }

std::string view_instance::render_text(bool is_full) {
  const auto render = [this](render_context& c) { return view_->render(c); };
  const auto reply = std::exchange(reply_, {});
  auto parts = message_parts{.reply = reply};
  auto shown = std::string{};
  if (is_routable_) {
    shown = view_->title();
    parts.title = shown;
  }
  auto text = is_full ? tree_.full(render, parts) : tree_.diff(render, parts);
  // Not before: components push events while they are made and updated, too.
  auto events = encode_events(take_events());
  if (text.empty() || events.empty())
    return text.empty() ? events : text;
  text.back() = ',';
  return text.append(events, 1);
}

void view_instance::sent() {
  tree_.sent();
  if (hooks_)
    for (const auto& hook : hooks_->renders.all())
      (*hook)(*socket_);
}

json view_instance::flash_json() const {
  auto out = json::object();
  for (const auto& [kind, text] : flash_.get())
    out[kind] = text;
  return out;
}

}  // namespace beamline::web::live
