#pragma once

#include "actors/call.hpp"
#include "apps/event_horizon/retry_pause.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "web/live/view.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace beamline::event_horizon {

// The process is on this node and answers at once.
inline constexpr duration subscribe_timeout = std::chrono::seconds{5};

namespace detail {

template <class Answer, class Request>
struct subscribing {
  web::live::view_socket& view;
  pid to;
  Request request;
  std::function<void(const Answer&)> now;
  retry_pause pause{};
};

template <class Answer, class Request>
void subscribe(const std::shared_ptr<subscribing<Answer, Request>>& s) {
  auto again = [s] { s->view.run_after(s->pause.next(s->view.env().random()), [s] { subscribe(s); }); };
  // Watched before it is asked: whatever becomes of it, one of the two tells.
  auto watched = s->view.watch(s->to, [again](const reason&) { again(); });
  auto answered = [s](const Answer& a) {
    s->pause.reset();
    s->now(a);
  };
  auto failed = [s, again, watched](const call_error& e) {
    if (e.what == call_error::kind::noproc)
      return;
    if (e.what == call_error::kind::crashed) {
      // It said no, and asking again would not help; or it ended.
      if (e.why.why == reason::kind::custom)
        s->view.env().log().warn("event_horizon", "a page gets no updates",
                                 {{"why", to_string(e)}, {"of", to_string(s->to)}});
      return;
    }
    s->view.unwatch(watched);
    again();
  };
  s->view.template call<Answer>(s->to, s->request, subscribe_timeout, answered, failed);
}

}  // namespace detail

/// Sends `request` to the process as soon as it is there, and again to each successor of it, until the view ends;
/// `now` is called with each answer. A process that refuses with a reason of its own is not asked again.
template <class Answer, class Request>
void keep_subscribed(web::live::view_socket& view, pid to, Request request, std::function<void(const Answer&)> now) {
  detail::subscribe(std::make_shared<detail::subscribing<Answer, Request>>(
      detail::subscribing<Answer, Request>{view, std::move(to), std::move(request), std::move(now)}));
}

}  // namespace beamline::event_horizon
