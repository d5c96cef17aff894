#pragma once

#include "base/log.hpp"
#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "base/time.hpp"
#include "web/server.hpp"
#include "wire/client.hpp"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace beamline::test {

/// What happened on the server's thread, for tests that wait for it.
class journal {
public:
  void note(std::string what) {
    auto lock = std::lock_guard{mutex_};
    lines_.push_back(std::move(what));
    changed_.notify_all();
  }
  /// Whether `what` was noted, now or soon.
  [[nodiscard]] bool has(const std::string& what) {
    auto lock = std::unique_lock{mutex_};
    return changed_.wait_for(lock, std::chrono::milliseconds{wire_client::wait_ms},
                             [&] { return std::ranges::find(lines_, what) != lines_.end(); });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

/// Waits until `done()`, a change that nothing announces; false if that takes too long.
[[nodiscard]] bool comes_true(const std::function<bool()>& done);

/// A server on a free port of 127.0.0.1 with the machine's clock and a log in memory.
struct running_server {
  explicit running_server(const std::function<void(web::router&)>& add_routes, web::web_options options = {});

  [[nodiscard]] wire_client connect(int receive_buffer = 0) const {
    return wire_client{server->port(), "127.0.0.1", receive_buffer};
  }
  /// A client whose upgrade on `target` was accepted.
  [[nodiscard]] wire_client connect_socket(const std::string& target = "/ws?vsn=2.0.0", int receive_buffer = 0) const;
  [[nodiscard]] bool logged(std::string_view text) const;

  system_clock time;
  system_random random;
  std::unique_ptr<logger> log = logger::in_memory(time);
  telemetry events;
  std::unique_ptr<web::server> server;  // Last: it uses the others.
};

/// Options for tests: any free port of 127.0.0.1, pages of any origin.
[[nodiscard]] web::web_options test_options();

/// A complete upgrade request; `extra` are further header lines, each with CR LF.
[[nodiscard]] std::string upgrade_request(const std::string& target, const std::string& extra = {});

/// Answers messages with themselves and notes what it hears.
class echo_handler : public web::socket_handler {
public:
  explicit echo_handler(journal& j) : journal_{j} {}
  void on_open(std::shared_ptr<web::socket> s) override { socket_ = std::move(s); }
  void on_text(std::string message) override;
  void on_binary(std::string message) override;
  void on_drained() override { journal_.note("drained"); }
  void on_closed(const web::close_reason& why) override;

protected:
  journal& journal_;
  std::shared_ptr<web::socket> socket_;
};

}  // namespace beamline::test
