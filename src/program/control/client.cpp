#include "program/control/client.hpp"

#include "program/control/limits.hpp"
#include "program/control/socket_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>

namespace beamline::program::control {

namespace {

class connection {
public:
  connection(descriptor fd, std::string where, const clock& time)
      : fd_{std::move(fd)}, where_{std::move(where)}, time_{time} {}

  result<void> send(std::string_view text) {
    for (auto until = time_.now() + silence_max; !text.empty();) {
      auto n = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (n > 0) {
        text.remove_prefix(static_cast<std::size_t>(n));
        continue;
      }
      // A node that refuses us does not read; why, it has said.
      if (errno == EPIPE || errno == ECONNRESET)
        return {};
      if (errno != EAGAIN && errno != EINTR)
        return fail("send");
      if (auto ok = wait(POLLOUT, until); !ok)
        return ok;
    }
    return {};
  }

  result<std::string> read_line() {
    for (auto until = time_.now() + silence_max;;) {
      if (auto end = in_.find('\n', seen_); end != std::string::npos) {
        auto line = in_.substr(0, end);
        in_.erase(0, end + 1);
        seen_ = 0;
        return line;
      }
      seen_ = in_.size();
      if (in_.size() > answer_bytes_max + request_bytes_max)
        return error{errc::corrupt, where_ + ": the node's answer has no end; it is no node of this version"};
      auto n = ::recv(fd_.get(), chunk_.data(), chunk_.size(), 0);
      if (n > 0) {
        in_.append(chunk_.data(), static_cast<std::size_t>(n));
        until = time_.now() + silence_max;
      } else if (n == 0 || errno == ECONNRESET) {
        return error{errc::unavailable, where_
                                            + ": the node closed the connection without an answer; it has ended, "
                                              "or its log says why"};
      } else if (errno != EAGAIN && errno != EINTR) {
        return fail("read").error();
      } else if (auto ok = wait(POLLIN, until); !ok) {
        return ok.error();
      }
    }
  }

private:
  result<void> wait(short events, time_point until) {
    auto left = std::max<std::int64_t>(0, to_ms(until - time_.now()) + 1);
    pollfd one{fd_.get(), events, 0};
    auto n = ::poll(&one, 1, static_cast<int>(left));
    if (n > 0 || (n < 0 && errno == EINTR))
      return {};
    if (n < 0)
      return fail("wait");
    return error{errc::timeout, where_ + ": the node said nothing for " + std::to_string(to_ms(silence_max) / 1000)
                                    + " s; it is stopped (SIGCONT wakes it) or hangs"};
  }

  result<void> fail(std::string_view what) const {
    return error{errc::io, where_ + ": cannot " + std::string{what} + ": " + std::strerror(errno)};
  }

  descriptor fd_;
  std::string where_;
  const clock& time_;
  std::string in_;
  std::size_t seen_ = 0;  // Octets of `in_` that hold no newline.
  std::array<char, 64 * 1024> chunk_{};
};

}  // namespace

result<outcome> ask(const std::filesystem::path& socket, const request& what, const clock& time,
                    const std::function<void(const json&)>& on_item) {
  auto line = encode(what);
  if (line.size() > request_bytes_max)
    return error{errc::too_large, "the request has " + std::to_string(line.size()) + " bytes, at most "
                                      + std::to_string(request_bytes_max) + " are taken; send less"};
  auto fd = connect_to(socket);
  if (!fd)
    return fd.error();
  auto link = std::make_unique<connection>(std::move(*fd), socket.string(), time);
  if (auto sent = link->send(line); !sent)
    return sent.error();
  for (;;) {
    auto text = link->read_line();
    if (!text)
      return text.error();
    auto got = parse_reply(*text);
    if (!got)
      return got.error();
    switch (got->what) {
      case reply::kind::item:
        if (on_item)
          on_item(got->value);
        break;
      case reply::kind::alive: break;
      case reply::kind::result: return outcome{std::move(got->value), got->dropped};
      case reply::kind::failure: return outcome{std::move(got->failed), got->dropped};
    }
  }
}

}  // namespace beamline::program::control
