#include "blog/presser.hpp"

#include "blog/http.hpp"
#include "live/load/sockets.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace beamline::bench {

namespace {

// A host answers a press within outbox.call_time.
constexpr duration answer_timeout = std::chrono::seconds{15};

}  // namespace

/// A press that is not answered yet.
struct presser::request {
  std::size_t who = 0;
  int fd = -1;
  std::string unread{};
};

presser::presser(options o) : opts_{std::move(o)} {
  for (std::size_t i = 0; i < opts_.count; ++i) {
    const auto port = opts_.ports[i % opts_.ports.size()];
    const auto text = http_get(port, "/blog/" + opts_.slug);
    readers_.push_back(facts_of(read_answer(text).value()));
  }
  presses_.resize(opts_.count);
}

presser::~presser() {
  if (thread_.joinable())
    thread_.join();
}

void presser::begin() {
  thread_ = std::thread{[this] {
    try {
      run();
    } catch (...) {
      failure_ = std::current_exception();
    }
    is_over_ = true;
  }};
}

const std::vector<presser::press>& presser::presses() {
  thread_.join();
  if (failure_)
    std::rethrow_exception(failure_);
  return presses_;
}

void presser::run() {
  const auto begun = clock_.now();
  const auto between = duration{std::chrono::seconds{1}} / static_cast<std::int64_t>(opts_.per_second);
  std::vector<request> under_way;
  for (std::size_t who = 0; who < opts_.count || !under_way.empty();) {
    const auto due = begun + between * static_cast<std::int64_t>(who);
    const auto now = clock_.now();
    if (who < opts_.count && now >= due) {
      under_way.push_back(send(who++));
      continue;
    }
    if (who == opts_.count && now > due + answer_timeout)
      throw std::runtime_error{std::to_string(under_way.size()) + " likes were not answered"};
    take_answers(under_way, who < opts_.count ? due - now : std::chrono::milliseconds{10});
  }
}

presser::request presser::send(std::size_t who) {
  const auto port = opts_.ports[who % opts_.ports.size()];
  const auto& reader = readers_[who];
  const auto body = "liked=true&_csrf_token=" + reader.csrf_token;
  presses_[who].sent = clock_.now();
  request out{who, connect_here(port), {}};
  send_whole(out.fd,
             "POST /blog/" + opts_.slug + "/like HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port)
                 + "\r\nOrigin: http://127.0.0.1:" + std::to_string(port) + "\r\nCookie: " + reader.cookies
                 + "\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close\r\nContent-Length: "
                 + std::to_string(body.size()) + "\r\n\r\n" + body);
  return out;
}

void presser::take_answers(std::vector<request>& under_way, duration wait) {
  std::vector<pollfd> watched;
  watched.reserve(under_way.size());
  for (const auto& r : under_way)
    watched.push_back({r.fd, POLLIN, 0});
  const auto left = timespec{0, std::chrono::duration_cast<std::chrono::nanoseconds>(wait).count() % 1'000'000'000};
  if (ppoll(watched.data(), watched.size(), &left, nullptr) <= 0)
    return;
  for (auto i = watched.size(); i-- > 0;) {
    if (watched[i].revents == 0)
      continue;
    auto& r = under_way[i];
    std::array<char, 4096> part{};
    const auto n = recv(r.fd, part.data(), part.size(), 0);
    r.unread.append(part.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    const auto answer = read_answer(r.unread);
    if (!answer && n > 0)
      continue;
    presses_[r.who].answered = clock_.now();
    close(r.fd);
    if (!answer || answer->status != 303)
      throw std::runtime_error{"a like was answered: " + r.unread.substr(0, 200)};
    under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace beamline::bench
