#include "pubsub/system/partition_process.hpp"

#include "pubsub/system/delivery.hpp"

#include <utility>

namespace beamline::pubsub::detail {

behavior partition_process::init() {
  for (auto id : of_.table().at(index_).attach(resume_with([this] { look(); })))
    watch_subscriber(id);
  look();
  return handlers();
}

void partition_process::terminate(const reason&) { of_.table().at(index_).detach(); }

void partition_process::look() {
  auto news = of_.table().at(index_).take_changes();
  for (const auto& [id, is_subscribed] : news.processes)
    is_subscribed ? watch_subscriber(id) : unwatch_subscriber(id);
  for (auto& one : news.owed)
    owed_.insert_or_assign(one->id(), std::move(one));
  if (!owed_.empty() && !std::exchange(is_retry_due_, true))
    run_after(signal_retry, [this] { retry(); });
}

void partition_process::watch_subscriber(std::uint64_t id) {
  if (auto [w, is_new] = watches_.try_emplace(id); is_new)
    w->second = watch(pid{env().self(), id}, [this, id](const reason&) {
      watches_.erase(id);
      of_.forget(index_, id);
    });
}

void partition_process::unwatch_subscriber(std::uint64_t id) {
  if (auto w = watches_.extract(id))
    unwatch(w.mapped());
}

void partition_process::retry() {
  is_retry_due_ = false;
  std::erase_if(owed_, [this](const auto& o) {
    const auto& one = o.second;
    return of_.table().at(index_).of(one->subscriber().id(), one->topic()).empty() || wake_again(of_, *this, one);
  });
  if (!owed_.empty() && !std::exchange(is_retry_due_, true))
    run_after(signal_retry, [this] { retry(); });
}

}  // namespace beamline::pubsub::detail
