#include "web/live/view_process.hpp"

#include <stdexcept>

namespace beamline::web::live {

/// The socket as the view sees it: notes what it asks for, in its process.
class view_process::socket_impl final : public view_socket {
public:
  explicit socket_impl(view_process& p) : process_{p} {}

  [[nodiscard]] bool connected() const override { return process_.is_connected_; }
  [[nodiscard]] pid self() const override { return process_.self(); }
  [[nodiscard]] environment& env() const override { return process_.env(); }

  void put_flash(std::string kind, std::string text) override {
    process_.flash_.insert_or_assign(std::move(kind), std::move(text));
  }
  void clear_flash() override { process_.flash_.clear(); }
  [[nodiscard]] const flash_messages& flash() const override { return process_.flash_; }

  void push_event(std::string name, const json& payload) override {
    if (!payload.is_object())
      throw std::invalid_argument{"push_event(\"" + name + "\"): the payload must be a JSON object"};
    if (process_.events_.size() >= pending_events_max)
      throw std::length_error{"the view pushed " + std::to_string(pending_events_max)
                              + " events that its browser has not taken"};
    process_.events_.push_back({std::move(name), dump_json(payload)});
  }
  void reply(const json& value) override {
    if (!value.is_object())
      throw std::invalid_argument{"the reply to an event must be a JSON object"};
    process_.reply_ = dump_json(value);
  }

  void patch(std::string path, history kind) override { go(patch_to{check(std::move(path)), kind}); }
  void navigate(std::string path, history kind) override { go(navigate_to{check(std::move(path)), kind, {}}); }
  void redirect(std::string path) override { go(redirect_to{std::move(path), {}}); }

  void run_after(duration d, std::function<void()> fn) override {
    process_.process::run_after(d, [this, fn = std::move(fn)] {
      fn();
      process_.changed();
    });
  }

  std::uint64_t watch(const pid& who, std::function<void(const reason&)> fn) override {
    return process_.process::watch(who, [this, fn = std::move(fn)](const reason& why) {
      fn(why);
      process_.changed();
    });
  }
  void unwatch(std::uint64_t w) override { process_.process::unwatch(w); }

protected:
  void start_call(const pid& to, message m, duration within, reply_handler done) override {
    beamline::detail::start_call(process_, to, std::move(m), within, [this, done = std::move(done)](call_result r) {
      done(std::move(r));
      process_.changed();
    });
  }

private:
  static std::string check(std::string path) {
    if (auto ok = check_local_path(path); !ok)
      throw std::invalid_argument{ok.error().message};
    return path;
  }
  void go(navigation where) {
    if (!std::holds_alternative<std::monostate>(process_.navigation_))
      throw std::logic_error{"a view can go to one place at a time"};
    process_.navigation_ = std::move(where);
  }

  view_process& process_;
};

view_process::view_process(process_context& c, std::unique_ptr<view> v, bool is_connected, flash_messages flash)
    : process{c},
      view_{std::move(v)},
      is_connected_{is_connected},
      flash_{std::move(flash)},
      socket_{std::make_unique<socket_impl>(*this)} {}

view_process::~view_process() = default;

view_socket& view_process::socket() noexcept { return *socket_; }

void view_process::mount_view(mount_params p, const route_function& route) {
  params_ = std::move(p);
  view_->mount(params_, *socket_);
  if (std::holds_alternative<std::monostate>(navigation_) || std::holds_alternative<patch_to>(navigation_))
    view_->handle_params(params_, *socket_);
  follow_patches(route);
}

void view_process::patch_view(mount_params p, const route_function& route) {
  p.session = std::move(params_.session);
  params_ = std::move(p);
  view_->handle_params(params_, *socket_);
  follow_patches(route);
}

void view_process::follow_patches(const route_function& route) {
  for (int n = 0; auto* patch = std::get_if<patch_to>(&navigation_); ++n) {
    if (n == chained_patches_max)
      throw std::logic_error{"handle_params patched " + std::to_string(n) + " times in a row"};
    auto to = std::move(*patch);
    navigation_ = std::monostate{};
    auto target = route(to.to);
    if (!target)
      throw std::logic_error{"patch to " + to.to + ": that path is not one of this view"};
    target->session = std::move(params_.session);
    params_ = std::move(*target);
    patched_ = std::move(to);
    view_->handle_params(params_, *socket_);
  }
}

rendered view_process::render_view() {
  view_->flash_ = &flash_;
  return view_->render();
}

navigation view_process::take_navigation() { return std::exchange(navigation_, std::monostate{}); }

std::optional<patch_to> view_process::take_patch() { return std::exchange(patched_, std::nullopt); }

std::vector<push_event> view_process::take_events() { return std::exchange(events_, {}); }

std::string view_process::take_reply() { return std::exchange(reply_, {}); }

json view_process::flash_json() const {
  auto out = json::object();
  for (const auto& [kind, text] : flash_)
    out[kind] = text;
  return out;
}

}  // namespace beamline::web::live
