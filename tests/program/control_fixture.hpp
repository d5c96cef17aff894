#pragma once

#include "base/json.hpp"
#include "program/control/dispatcher.hpp"
#include "program/control/server.hpp"
#include "program/control/socket_file.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/// A control server on a real socket, and a client that speaks bytes.
namespace beamline::program::control::testing {

/// A directory of its own, for its owner only, removed at the end.
struct temporary_dir {
  std::filesystem::path path;

  temporary_dir() {
    std::string pattern = std::filesystem::temp_directory_path() / "beamline-control-XXXXXX";
    path = mkdtemp(pattern.data());
  }
  temporary_dir(const temporary_dir&) = delete;
  ~temporary_dir() { std::filesystem::remove_all(path); }
};

/// Far above what anything here takes.
inline constexpr int patience_ms = 20'000;

class raw_client {
public:
  explicit raw_client(const std::filesystem::path& socket) {
    auto fd = connect_to(socket);
    REQUIRE_MESSAGE(fd.ok(), (fd ? "" : fd.error().message));
    fd_ = std::move(*fd);
  }

  /// Sends as far as the server takes it; false when it has closed.
  bool send(std::string_view text) {
    while (!text.empty()) {
      auto n = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (n > 0)
        text.remove_prefix(static_cast<std::size_t>(n));
      else if (errno != EAGAIN || !ready(POLLOUT))
        return false;
    }
    return true;
  }

  /// The next line, or nothing when the server has closed (or says nothing for too long, which fails the test).
  std::optional<std::string> line() {
    for (;;) {
      if (auto end = in_.find('\n', seen_); end != std::string::npos) {
        auto out = in_.substr(0, end);
        in_.erase(0, end + 1);
        seen_ = 0;
        return out;
      }
      seen_ = in_.size();
      char chunk[64 * 1024];
      auto n = ::recv(fd_.get(), chunk, sizeof chunk, 0);
      if (n > 0)
        in_.append(chunk, static_cast<std::size_t>(n));
      else if (n == 0 || errno != EAGAIN)
        return std::nullopt;
      else if (!ready(POLLIN)) {
        FAIL_CHECK("the server said nothing");
        return std::nullopt;
      }
    }
  }

  json answer() {
    auto text = line();
    REQUIRE(text.has_value());
    auto parsed = parse_json(*text, {.bytes_max = 100 << 20});
    REQUIRE(parsed.ok());
    return *parsed;
  }
  json ask(std::string_view request) {
    REQUIRE(send(std::string{request} + "\n"));
    return answer();
  }
  /// The error's code and message of the answer.
  std::pair<std::string, std::string> refusal(std::string_view request) {
    auto got = ask(request);
    REQUIRE_MESSAGE(got["ok"] == false, got.dump());
    return {got["error"]["code"], got["error"]["message"]};
  }

  void end_sending() { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_ = descriptor{}; }

private:
  bool ready(short events) {
    pollfd one{fd_.get(), events, 0};
    return ::poll(&one, 1, patience_ms) == 1;
  }

  descriptor fd_;
  std::string in_;
  std::size_t seen_ = 0;  // Octets of `in_` that hold no newline.
};

/// Hands a value from the server's thread to the test's.
template <class T>
class mailbox {
public:
  void put(T value) {
    std::lock_guard lock{mutex_};
    all_.push_back(std::move(value));
    changed_.notify_all();
  }
  T take() {
    std::unique_lock lock{mutex_};
    REQUIRE(changed_.wait_for(lock, std::chrono::milliseconds{patience_ms}, [&] { return !all_.empty(); }));
    T out = std::move(all_.front());
    all_.erase(all_.begin());
    return out;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<T> all_;
};

/// A server with a few verbs. `kept` receives the answers that "keep" leaves open.
struct running_server {
  temporary_dir dir;
  system_clock time;
  std::unique_ptr<logger> log = logger::in_memory(time);
  dispatcher verbs{*log};
  mailbox<answer> kept;
  std::unique_ptr<server> node;

  running_server() {
    verbs.add("echo", "says what it is told", {needs("word", "to say"), takes("times", "", argument::type::integer)},
              [](const json& arguments, answer reply) { reply.ok(arguments); });
    verbs.add("keep", "leaves the answer to the test", {}, [this](const json&, answer reply) { kept.put(reply); });
    verbs.add("drop", "never answers", {}, [](const json&, const answer&) {});
    verbs.add("throw", "is defective", {}, [](const json&, const answer&) { throw std::runtime_error{"a defect"}; });
    verbs.add("follow", "leaves a stream to the test", {}, [this](const json&, answer reply) { kept.put(reply); },
              {.is_stream = true});
    start();
  }

  void start() {
    auto started = server::start({.dir = dir.path, .node = "a@localhost"}, verbs, {*log, time});
    REQUIRE_MESSAGE(started.ok(), (started ? "" : started.error().message));
    node = std::move(*started);
  }

  [[nodiscard]] std::filesystem::path socket() const { return dir.path / socket_name; }
  [[nodiscard]] raw_client connect() const { return raw_client{socket()}; }
};

inline bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace beamline::program::control::testing
