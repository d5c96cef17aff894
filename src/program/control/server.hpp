#pragma once

#include "base/log.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "program/control/dispatcher.hpp"
#include "program/control/limits.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace beamline::program::control {

/// The control socket of a running node: `<data_dir>/control.sock`, for its own user and root only, with one thread of
/// its own. The lines are those of `control/protocol.hpp`; who answers them is the dispatcher's matter.
///
///   dispatcher verbs{log};                                  outlives the server
///   verbs.add("tree", …);                                   before or after the start
///   auto server = server::start({.dir = who.data_dir, .node = who.name.text()}, verbs, {log, clock});
///   …
///   (*server)->stop(1s);
///
/// Whatever a client sends, it gets one clear answer and nobody else is disturbed; limits are in `control/limits.hpp`.
class server {
public:
  struct options {
    std::filesystem::path dir;  // The data directory; mode 0700.
    std::string node;           // "name@host"; a request that means another node is refused.
    time_limits times{};
  };
  /// All outlive the server.
  struct ports {
    logger& log;
    const clock& time;
  };

  /// Makes the socket and starts to serve. Errors as for `socket_file::listen`.
  [[nodiscard]] static result<std::unique_ptr<server>> start(options o, dispatcher& verbs, ports p);

  /// As `stop` without time.
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const;

  /// Ends in order and joins the thread: the socket's file goes away, idle clients and streams are closed, requests
  /// under way may be answered; whatever is left after `within` is told that the node ends. Answers that come later are
  /// discarded. Blocks; not to be called from handlers. A second call does nothing.
  void stop(duration within);

private:
  struct impl;
  explicit server(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

}  // namespace beamline::program::control
