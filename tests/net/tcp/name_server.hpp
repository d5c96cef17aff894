#pragma once

#include "net/tcp/address.hpp"
#include "net/tcp/temporary_dir.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace beamline::testing {

/// A port of 127.0.0.1 where nobody listens, by neither TCP nor UDP: a name server listens on both.
inline std::uint16_t free_port_for_names() {
  for (auto tries = 0; tries < 50; ++tries) {
    auto udp = ::socket(AF_INET, SOCK_DGRAM, 0), tcp = ::socket(AF_INET, SOCK_STREAM, 0);
    auto any = net::numeric_address({"127.0.0.1", 0}).value();
    REQUIRE(::bind(udp, any.get(), any.length) == 0);
    auto port = net::name_of(udp).port;
    auto same = net::numeric_address({"127.0.0.1", port}).value();
    auto is_free = ::bind(tcp, same.get(), same.length) == 0;
    ::close(udp);
    ::close(tcp);
    if (is_free)
      return port;
  }
  FAIL("no port of 50 was free for both TCP and UDP");
  return 0;
}

/// A real dnsmasq that knows nothing but what it is told, on a port of 127.0.0.1.
class name_server {
public:
  /// `records`: lines of dnsmasq's configuration.
  explicit name_server(const std::string& records) : port_{free_port_for_names()} {
    dir_.write("dnsmasq.conf", "port=" + std::to_string(port_)
                                   + "\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\nno-daemon\n"
                                     "keep-in-foreground\nno-poll\nlocal=/cluster.test/\nlog-facility=-\n"
                                   + records);
    run();
  }
  ~name_server() { stop(); }
  name_server(const name_server&) = delete;
  name_server& operator=(const name_server&) = delete;

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// Nobody answers from now on.
  void stop() {
    if (process_ <= 0)
      return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    ::close(said_);
    process_ = -1;
  }

private:
  void run() {
    auto config = "--conf-file=" + (dir_ / "dnsmasq.conf");
    std::string program = "dnsmasq", user = "--user=", pid_file = "--pid-file=";
    std::string path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    char* argv[] = {program.data(), config.data(), user.data(), pid_file.data(), nullptr};
    char* env[] = {path.data(), nullptr};
    int said[2];
    REQUIRE(::pipe(said) == 0);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, said[1], STDERR_FILENO);
    ::posix_spawn_file_actions_addclose(&actions, said[0]);
    auto code = ::posix_spawn(&process_, "/usr/sbin/dnsmasq", &actions, nullptr, argv, env);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(said[1]);
    REQUIRE_MESSAGE(code == 0, "dnsmasq cannot be started; install the package dnsmasq-base (scripts/setup test)");
    said_ = said[0];
    std::string text;  // It says so when its sockets are open.
    char part[512];
    while (text.find("started") == std::string::npos) {
      auto n = ::read(said_, part, sizeof(part));
      REQUIRE_MESSAGE(n > 0, text);
      text.append(part, static_cast<std::size_t>(n));
    }
  }

  temporary_dir dir_;
  std::uint16_t port_;
  pid_t process_ = -1;
  int said_ = -1;
};

}  // namespace beamline::testing
