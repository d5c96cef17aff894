#pragma once

#include "store/jobs.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace beamline::store {

/// Where an `inline_database` hands the steps of its work, to be run now or later, each once, on one thread.
/// The simulator decides here how long a commit takes, and what happens between commit and answer.
class executor {
public:
  enum class step {
    transact,  // Runs a group of transactions and commits it.
    read,      // Runs one read.
    migrate,   // Runs one migration.
    complete,  // Calls the completions of a group that was run.
  };
  virtual ~executor() = default;
  virtual void post(step what, std::function<void()> run) = 0;
};

/// The port without threads: the same back end and the same batches as `threaded_database`, in steps that an
/// executor runs. Used from one thread.
///
/// Steps of one lane (writing, reading) take effect in order whatever delays the executor chooses. Destroying
/// the object without `close` is the death of a node: what was not answered yet is never answered, steps still
/// held by the executor do nothing.
class inline_database final : public database {
public:
  /// All three must outlive the object. Of `c`, only the writer is used: it reads as well.
  inline_database(connections c, job_queue::limits limits, executor& steps, telemetry& events, const clock& time);
  ~inline_database() override;

  /// Runs all accepted work and answers it, here and now; never times out.
  result<void> close(duration budget) override;

private:
  struct state;

  void do_transact(work fn, completion done) override;
  void do_read(work fn, completion done) override;
  void do_migrate(std::string app, std::vector<migration> known, completion done) override;

  std::shared_ptr<state> state_;
};

}  // namespace beamline::store
