#pragma once

// One connected view of any class in a world of its own, its connection recorded.

#include "base/url.hpp"
#include "recording_port.hpp"
#include "testing/simulated_node.hpp"
#include "web/live/render_context.hpp"
#include "web/live/view_host.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beamline::web::live::testing {

/// A view made of functions, for tests that need one of a kind.
struct scripted_view : view {
  struct script {
    std::function<void(const mount_params&, view_socket&)> mount{};
    std::function<void(const mount_params&, view_socket&)> handle_params{};
    std::function<void(const event&, view_socket&)> handle_event{};
    std::function<bool(const info_message&, view_socket&)> handle_info{};
    std::function<rendered(render_context&)> render{};
    std::function<void(const reason&)> terminate{};
  };
  explicit scripted_view(std::shared_ptr<script> s) : script_{std::move(s)} {}

  void mount(const mount_params& p, view_socket& s) override {
    if (script_->mount)
      script_->mount(p, s);
  }
  void handle_params(const mount_params& p, view_socket& s) override {
    if (script_->handle_params)
      script_->handle_params(p, s);
  }
  void handle_event(const event& e, view_socket& s) override {
    if (script_->handle_event)
      return script_->handle_event(e, s);
    view::handle_event(e, s);
  }
  bool handle_message(const caf::type_erased_tuple& content, view_socket& s) override {
    return script_->handle_info && script_->handle_info(info_message{content}, s);
  }
  [[nodiscard]] rendered render(render_context& c) const override {
    static const statics nothing{{"<p></p>"}};
    return script_->render ? script_->render(c) : rendered{nothing};
  }
  void terminate(const reason& why) override {
    if (script_->terminate)
      script_->terminate(why);
  }

  std::shared_ptr<script> script_;
};

/// `/own...` are the view's URLs, everything else is somebody else's.
inline std::optional<mount_params> own_route(std::string_view url) {
  if (url.find("/own") == std::string_view::npos)
    return std::nullopt;
  const auto query = url.find("?page=");
  return mount_params{.params = query == std::string_view::npos ? json::object()
                                                                : json{{"page", std::string{url.substr(query + 6)}}},
                      .session = json::object(),
                      .url = std::string{target_of(url)}};
}

struct mounted {
  /// `prepare` is called before the node starts.
  explicit mounted(std::uint64_t seed = 1, const std::function<void(beamline::testing::world&)>& prepare = {})
      : mounted{beamline::testing::world_options{.seed = seed}, prepare} {}
  explicit mounted(beamline::testing::world_options o,
                   const std::function<void(beamline::testing::world&)>& prepare = {})
      : world{std::move(o)}, node{(prepare ? prepare(world) : void(), world.start_node())} {
    setup.join.view = "scripted";
    setup.join.view_id = "phx-1";
    setup.join.url = "/own";
    setup.channel = 1;
    setup.port = port;
    setup.site.tokens = &tokens;
    setup.route = own_route;
  }
  /// Starts the view and lets it come to rest.
  void start() {
    setup.what = std::make_unique<scripted_view>(script);
    host = node.spawn<view_host>(std::move(setup));
    world.run();
  }
  void start(std::unique_ptr<view> what) {
    setup.what = std::move(what);
    host = node.spawn<view_host>(std::move(setup));
    world.run();
  }
  void hook_up(std::vector<on_mount_hook> hooks) {
    live_session s;
    s.on_mount = std::move(hooks);
    setup.site.session = std::make_shared<const live_session>(std::move(s));
  }
  /// What the browser says; runs to rest.
  void say(std::string event, json payload, std::string ref = "5") {
    node.cast(host, channels::channel_event{std::move(event), std::move(ref), std::move(payload)});
    world.run();
  }
  void click(std::string name, std::string ref = "5") {
    say("event", {{"type", "click"}, {"event", std::move(name)}, {"value", {{"value", ""}}}}, std::move(ref));
  }
  void click_in(component_id cid, std::string name, std::string ref = "5") {
    say("event", {{"type", "click"}, {"event", std::move(name)}, {"value", json::object()}, {"cid", cid}},
        std::move(ref));
  }
  [[nodiscard]] const recording_port::said& last() const { return port->all.back(); }
  [[nodiscard]] std::string story() const { return port->story(); }
  [[nodiscard]] bool is_alive() { return node.is_alive(host); }

  beamline::testing::world world;
  beamline::testing::simulated_node& node;
  manual_clock clock;
  keyring keys = keyring::parse("0123456789abcdef0123456789abcdef").value();
  token_signer signer{keys, clock};
  page_tokens tokens{signer};
  std::shared_ptr<recording_port> port = std::make_shared<recording_port>();
  std::shared_ptr<scripted_view::script> script = std::make_shared<scripted_view::script>();
  view_host::setup setup;
  pid host;
};

}  // namespace beamline::web::live::testing
