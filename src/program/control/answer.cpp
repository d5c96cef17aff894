#include "program/control/answer.hpp"

#include "base/json.hpp"

#include <atomic>
#include <stdexcept>

namespace beamline::program::control {

struct answer::duty {
  duty(std::shared_ptr<answer_sink> s, std::string v, time_point d)
      : sink{std::move(s)}, verb{std::move(v)}, deadline{d} {}
  ~duty() {
    if (!is_done.exchange(true))
      sink->fail({errc::cancelled, "the verb " + verb
                                       + " dropped the request without an answer; what serves it has ended or is "
                                         "defective, and the node's log may say why"},
                 nullptr);
  }
  duty(const duty&) = delete;
  duty& operator=(const duty&) = delete;

  const std::shared_ptr<answer_sink> sink;
  const std::string verb;
  const time_point deadline;
  std::atomic<bool> is_done{false};
};

answer::answer(std::shared_ptr<answer_sink> sink, std::string verb, time_point deadline)
    : duty_{std::make_shared<duty>(std::move(sink), std::move(verb), deadline)} {}

answer_sink& answer::take() {
  if (duty_->is_done.exchange(true))
    throw std::logic_error{"the request for the verb " + duty_->verb + " was answered already"};
  return *duty_->sink;
}

void answer::ok(const json& result) { take().succeed(result); }

void answer::fail(const error& e) { take().fail(e, nullptr); }

void answer::fail(const error& e, const json& details) { take().fail(e, details); }

void answer::finish(const result<json>& outcome) {
  if (outcome)
    ok(*outcome);
  else
    fail(outcome.error());
}

taken answer::item(const json& value) { return duty_->is_done ? taken::gone : duty_->sink->item(value); }

time_point answer::deadline() const noexcept { return duty_->deadline; }

bool answer::is_wanted() const { return !duty_->is_done && duty_->sink->is_wanted(); }

}  // namespace beamline::program::control
