#pragma once

// Asynchronous requests (D83): sent now, asked for later, one by one or in the order they complete.
//
//   rpc::requests asks_{*this};                                   a member of the process
//
//   auto id = asks_.send(node, get_page{"about"}, "about");       a label of one's own
//   asks_.wait<page>(*id, 100ms, [](const std::optional<outcome<page>>& o) {...});     nothing: not yet, ask again
//   asks_.receive<page>(*id, 2s, [](const outcome<page>& o) {...});                    after that it is abandoned
//   asks_.check<page>(*id)                                        what is there already, at once
//   asks_.next<page>(2s, [](const next_outcome<page>& n) {...});  whichever completes first
//
// Functions are called in later turns of the process. An outcome is handed over once; asking for one that was handed
// over or abandoned is `badarg`, and so is a second question while one waits for the same. Each request is made by a
// small process of its own, which an abandoned one ends with: nothing is left of it, here or in any table.

#include "actors/process_access.hpp"
#include "net/rpc/call.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace beamline::net::rpc {

/// Names one request of one `requests`; a value.
struct request_id {
  std::uint64_t number = 0;

  friend auto operator<=>(const request_id&, const request_id&) = default;
};

enum class next_kind : std::uint8_t {
  completed,    // `id`, `label` and `value` say which and how.
  no_response,  // None of them in time; they go on.
  no_request,   // There is none, or all have been handed over.
};

/// What `next` tells. A malformed question is `completed` without an id: `badarg`.
template <class R>
struct next_outcome {
  next_kind what = next_kind::no_request;
  request_id id{};
  std::string label{};
  std::optional<outcome<R>> value{};
};

/// The requests of one process that were not handed over yet: a collection. Owned and used by that process, in its own
/// turns; those that are left are abandoned when it goes.
class requests {
public:
  /// What becomes of a request whose outcome `next` hands over.
  enum class then : std::uint8_t {
    remove,  // It is forgotten.
    keep,    // It still counts in `size`, without another outcome, until `abandon`.
  };

  /// At most so many may be sent and not fetched.
  explicit requests(process& owner, std::size_t max = requests_max) : owner_{owner}, max_{max} {}
  ~requests();
  requests(const requests&) = delete;
  requests& operator=(const requests&) = delete;

  /// Sends a request. Errors: `invalid` (badarg, nothing was sent), `busy` (too many were not fetched).
  template <wire_message Request>
  [[nodiscard]] result<request_id> send(std::string node, const Request& request, std::string label = {}) {
    return send_raw(std::move(node), std::string{Request::message_name}, encode(request), std::move(label));
  }

  /// The outcome, or nothing when the time is up; the request goes on then.
  template <class R, class Fn>
  void wait(request_id id, const time_limit& within, Fn fn) {
    ask(id, within, false, [f = std::move(fn)](std::optional<raw_outcome> o) mutable {
      f(o ? std::optional<outcome<R>>{detail::decoded<R>(std::move(*o))} : std::nullopt);
    });
  }
  /// The outcome; when the time is up `timeout`, and the request is abandoned.
  template <class R, class Fn>
  void receive(request_id id, const time_limit& within, Fn fn) {
    ask(id, within, true,
        [f = std::move(fn)](std::optional<raw_outcome> o) mutable { f(detail::decoded<R>(std::move(o.value()))); });
  }
  /// The outcome if it has come; handed over then. Nothing: not yet. Of an unknown id: `badarg`.
  template <class R>
  [[nodiscard]] std::optional<outcome<R>> check(request_id id) {
    auto o = take(id);
    return o ? std::optional<outcome<R>>{detail::decoded<R>(std::move(*o))} : std::nullopt;
  }
  /// The next one to complete, in the order of completion; one question at a time.
  template <class R, class Fn>
  void next(const time_limit& within, Fn fn, then what = then::remove) {
    ask_next(within, what, [f = std::move(fn)](raw_next n) mutable {
      next_outcome<R> typed{n.what, n.id, std::move(n.label), {}};
      if (n.value)
        typed.value = detail::decoded<R>(std::move(*n.value));
      f(typed);
    });
  }

  /// Nothing of it is seen any more; false: it was not there. It may run all the same.
  bool abandon(request_id id);
  void abandon_all();
  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }

private:
  class runner;

  using raw_answer = std::function<void(std::optional<raw_outcome>)>;
  struct raw_next {
    next_kind what = next_kind::no_request;
    request_id id{};
    std::string label{};
    std::optional<raw_outcome> value{};
  };
  using next_answer = std::function<void(raw_next)>;
  struct entry {
    std::string label;
    pid runner;                        // Empty: it is done.
    std::optional<raw_outcome> value;  // Not handed over yet.
    raw_answer waiting;
    process::timer_ref timer = 0;
  };

  result<request_id> send_raw(std::string node, std::string procedure, bytes arguments, std::string label);
  void completed(request_id id, raw_outcome o);
  void ask(request_id id, const time_limit& within, bool is_last, raw_answer fn);
  std::optional<raw_outcome> take(request_id id);
  void ask_next(const time_limit& within, then what, next_answer fn);
  void serve_next();
  void tell_next(raw_next n);
  void later(std::function<void()> fn);

  process_access owner_;
  std::size_t max_;
  std::map<request_id, entry> all_;
  std::size_t open_ = 0;         // Of them, not handed over.
  std::deque<request_id> done_;  // Completed, in that order; some may be handed over or abandoned since.
  next_answer next_;             // Somebody waits for the next one.
  then next_then_ = then::remove;
  bool is_serving_ = false;
  process::timer_ref next_timer_ = 0;
  std::uint64_t last_ = 0;
  std::shared_ptr<char> life_ = std::make_shared<char>();  // What comes later finds out whether this is still there.
};

}  // namespace beamline::net::rpc
