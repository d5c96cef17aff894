#pragma once

#include "base/json_fwd.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <memory>
#include <string>

namespace beamline::program::control {

/// What became of one item of a stream.
enum class taken {
  yes,
  behind,  // The client reads too slowly; the item was dropped and counted. Later ones may pass.
  gone,    // Nobody listens any more: stop.
};

/// Where answers go: a connection, a test, later another node. Thread-safe; `succeed` or `fail` is called at most once
/// and last.
class answer_sink {
public:
  virtual ~answer_sink() = default;
  virtual taken item(const json& value) = 0;
  virtual void succeed(const json& result) = 0;
  virtual void fail(const error& e, const json& details) = 0;
  [[nodiscard]] virtual bool is_wanted() const = 0;
};

/// The duty to answer one request, exactly once, from any thread. Copies share the duty, so that it fits into callbacks
/// that must be copyable; when the last copy goes unanswered, the client gets the error `cancelled`.
///
///     call<tree>(supervisor, get_tree{}).then([=](const tree& t) mutable { reply.ok(to_json(t)); },
///                                             [=](const call_error& e) mutable { reply.fail(to_error(e)); });
class answer {
public:
  /// `verb` is what the error about a dropped answer names. `deadline`: see below.
  answer(std::shared_ptr<answer_sink> sink, std::string verb, time_point deadline);

  /// Answers. A member "text" of the result is what `beamline remote` shows to people. A second answer (of any copy) is
  /// a broken invariant and throws std::logic_error.
  void ok(const json& result);
  void fail(const error& e);
  /// The same with something for programs beside the message.
  void fail(const error& e, const json& details);
  /// Either of them.
  void finish(const result<json>& outcome);

  /// Sends one item of a stream, before the answer. The final line tells how many were dropped.
  taken item(const json& value);

  /// When the client is told `timeout`; whatever comes later is discarded. `time_point::max()`: no end.
  [[nodiscard]] time_point deadline() const noexcept;
  /// False when the client has gone, was told `timeout`, or has its answer: work for it can stop.
  [[nodiscard]] bool is_wanted() const;

private:
  struct duty;
  answer_sink& take();

  std::shared_ptr<duty> duty_;
};

}  // namespace beamline::program::control
