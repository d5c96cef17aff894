#pragma once

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/log_options.hpp"
#include "base/telemetry.hpp"
#include "support/services.hpp"
#include "web/channels/user_socket.hpp"
#include "web/server.hpp"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace beamline::example {

/// One node with a web server, by hand: what the program `beamline` makes of a configuration, for small programs.
class web_node {
public:
  struct options {
    std::string name;             // `name@host`
    message_contract contract{};  // Besides what channels say to each other.
    example::services::options services{};
    std::optional<log_options> log{};  // None: kept in memory.
  };

  explicit web_node(options o)
      : log_{open_log(o.log, clock_, o.name)},
        home_{{.name = o.name, .contract = with_channels(std::move(o.contract))},
              {clock_, random_, *log_, events_, timers_}} {
    services_ = std::make_unique<example::services>(home_, std::move(o.services));
    services_->await_start();
  }
  ~web_node() {
    if (!has_ended_)
      (void)end();
  }
  web_node(const web_node&) = delete;
  web_node& operator=(const web_node&) = delete;

  [[nodiscard]] node& get() noexcept { return home_; }
  [[nodiscard]] const system_clock& time() const noexcept { return clock_; }
  [[nodiscard]] random_source& random() noexcept { return random_; }
  [[nodiscard]] const supervision::nursery& sessions() const noexcept { return services_->sessions(); }

  /// Serves on that port of this machine; 0: any free one. Throws std::runtime_error when it cannot.
  [[nodiscard]] std::unique_ptr<web::server> listen(web::router routes, std::uint16_t port) {
    web::web_options o;
    o.port = port;
    o.origins.public_host = "localhost";  // Pages of other sites may not connect.
    auto started = web::server::start(std::move(o), std::move(routes), {*log_, events_, clock_, random_});
    if (!started)
      throw std::runtime_error{started.error().message};
    return *std::move(started);
  }

  /// False: something still ran after 5 s.
  [[nodiscard]] bool end() {
    has_ended_ = true;
    return home_.shutdown(std::chrono::seconds{5}).is_clean();
  }

private:
  static std::unique_ptr<logger> open_log(const std::optional<log_options>& o, const clock& time,
                                          const std::string& name) {
    if (!o)
      return logger::in_memory(time);
    auto opened = logger::open(*o, time, name);
    if (!opened)
      throw std::runtime_error{opened.error().message};
    return *std::move(opened);
  }
  static message_contract with_channels(message_contract c) {
    web::add_channel_messages(c);
    return c;
  }

  system_clock clock_;
  system_random random_;
  std::unique_ptr<logger> log_;
  telemetry events_;
  timer_thread timers_{clock_};
  std::unique_ptr<example::services> services_;  // Made after the node, and gone after it.
  node home_;
  bool has_ended_ = false;
};

/// Answers GET at `path` with that file, as it is now.
inline void serve_file(web::router& routes, std::string_view path, const std::string& file, std::string type) {
  std::ifstream in{file, std::ios::binary};
  if (!in)
    throw std::runtime_error{file + " is missing; run scripts/setup test"};
  const std::string content{std::istreambuf_iterator<char>{in}, {}};
  routes.get(path, [content, type = std::move(type)](const web::request&, web::responder answer) {
    auto page = web::response::text(content);
    page.headers.set("content-type", type);
    answer.send(std::move(page));
  });
}

}  // namespace beamline::example
