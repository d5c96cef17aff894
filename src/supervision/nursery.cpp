#include "supervision/nursery.hpp"

#include "actors/reason_codec.hpp"

namespace beamline::supervision {

// -- one life of its supervisor ------------------------------------------------------------

nursery_run::nursery_run(process& supervisor, std::shared_ptr<child_spec> spec, std::size_t max_children,
                         std::function<void()> wake)
    : budget_{max_children},
      system_{supervisor.home_system()},
      table_{supervisor.env().processes()},
      supervisor_{supervisor.self().id()},
      spec_{std::move(spec)},
      wake_{std::move(wake)} {}

answer<std::uint64_t> nursery_run::begin() {
  if (!budget_.try_take())
    return child_error{.what = child_error::kind::max_children,
                       .detail = "the supervisor has " + std::to_string(budget_.max())
                               + " children already; raise max_children"};
  auto ref = table_.next_ref();
  {
    std::lock_guard lock{mutex_};
    if (!is_closed_) {
      // Before the child exists: whatever it does, its supervisor finds this first.
      news_.push_back({news::kind::born, ref});
      return ref;
    }
  }
  budget_.give_back();
  return child_error{.what = child_error::kind::stopping,
                     .detail = "the supervisor of the nursery is ending; it starts no more children"};
}

birth nursery_run::birth_of(std::uint64_t ref) const {
  birth b;
  b.parent = supervisor_;
  b.start_ref = ref;
  b.label = spec_->id;
  b.position = ref;
  b.has_own_thread = spec_->has_own_thread;
  return b;
}

bool nursery_run::launched(std::uint64_t ref, std::uint64_t id) {
  note({news::kind::launched, ref, id});
  if (!is_dead())
    return true;
  table_.exit(id, {{}, reason::kill()});
  return false;
}

void nursery_run::failed(std::uint64_t ref) {
  budget_.give_back();
  note({news::kind::failed, ref});
}

void nursery_run::note(news n) {
  {
    std::lock_guard lock{mutex_};
    if (is_dead_)
      return;
    news_.push_back(n);
    if (std::exchange(is_told_, true))
      return;
  }
  wake_();
}

std::vector<nursery_run::news> nursery_run::take_news() {
  std::lock_guard lock{mutex_};
  is_told_ = false;
  return std::exchange(news_, {});
}

void nursery_run::close() {
  std::lock_guard lock{mutex_};
  is_closed_ = true;
}

void nursery_run::die() {
  std::lock_guard lock{mutex_};
  is_closed_ = is_dead_ = true;
}

bool nursery_run::is_dead() const {
  std::lock_guard lock{mutex_};
  return is_dead_;
}

// -- all of them -------------------------------------------------------------------------

result<std::shared_ptr<nursery_run>> nursery_state::open(process& supervisor, std::size_t max_children,
                                                         std::function<void()> wake) {
  std::lock_guard lock{mutex_};
  if (run_ && !run_->is_dead())
    return error{errc::conflict, "supervisor_data: births is a nursery that another supervisor has open; give each "
                                 "supervisor a nursery of its own"};
  run_ = std::make_shared<nursery_run>(supervisor, std::make_shared<child_spec>(like_), max_children, std::move(wake));
  return run_;
}

std::shared_ptr<nursery_run> nursery_state::current() const {
  std::lock_guard lock{mutex_};
  return run_;
}

nursery::nursery(options o) {
  child_spec like;
  like.id = std::move(o.label);
  like.restart = restart_type::temporary;
  like.shutdown = o.shutdown;
  like.start_timeout = o.start_timeout;
  like.kill_grace = o.kill_grace;
  like.zombie = o.zombie;
  like.has_own_thread = o.has_own_thread;
  state_ = std::make_shared<nursery_state>(std::move(like));
}

child_error nursery::no_supervisor() {
  return {.what = child_error::kind::stopping, .detail = "the supervisor of the nursery does not run"};
}

child_error detail::start_error_in_flight() {
  try {
    throw;
  } catch (const name_taken& e) {
    return {.what = child_error::kind::already_started, .detail = e.what(), .who = e.owner()};
  } catch (...) {
    return {.what = child_error::kind::start_failed, .why = reason_from_exception(std::current_exception())};
  }
}

}  // namespace beamline::supervision
