#pragma once

#include "base/telemetry.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

/// The inside of `telemetry`: included by telemetry*.cpp only.
namespace beamline::detail {

/// A counter that threads raise and lower without sharing cache lines. Only "is it zero" is asked of it.
class striped_counter {
public:
  static constexpr std::size_t stripes = 8;

  [[nodiscard]] std::atomic<std::uint32_t>& operator[](std::size_t stripe) { return cells_[stripe].count; }

private:
  struct alignas(64) cell {
    std::atomic<std::uint32_t> count{0};
  };
  std::array<cell, stripes> cells_;
};

/// One attached handler. Lives until it is out of the table and no thread is inside of it.
struct handler {
  handler(const void* t, std::string n, std::function<void(const void*, const event_view&)> c)
      : type{t}, name{std::move(n)}, call{std::move(c)} {}

  const void* const type;                                    // Null when attached by name prefix.
  const std::string name;                                    // The event's name, or the prefix.
  std::function<void(const void*, const event_view&)> call;  // Not looked at once `detached` is set.
  std::atomic<bool> detached{false};
  striped_counter running;  // Calls under way.
};

using handler_ptr = std::shared_ptr<handler>;

/// An immutable picture of who is attached; replaced as a whole.
class handler_table {
public:
  handler_table() = default;
  explicit handler_table(std::vector<handler_ptr> handlers) : all_{std::move(handlers)} {
    for (const auto& h : all_) {
      if (h->type)
        by_type_[h->type].push_back(h);
      else
        by_prefix_.push_back(h);
      interest_ |= h->type ? interest_bit(h->name) : ~std::uint64_t{0};
    }
  }

  [[nodiscard]] const std::vector<handler_ptr>& all() const { return all_; }
  [[nodiscard]] std::uint64_t interest() const { return interest_; }

  template <class F>
  void for_each(const void* type, std::string_view name, F&& fn) const {
    if (auto found = by_type_.find(type); found != by_type_.end())
      for (const auto& h : found->second)
        fn(h);
    for (const auto& h : by_prefix_)
      if (name.starts_with(h->name))
        fn(h);
  }

  [[nodiscard]] bool wants(const void* type, std::string_view name) const {
    if (by_type_.contains(type))
      return true;
    for (const auto& h : by_prefix_)
      if (name.starts_with(h->name))
        return true;
    return false;
  }

private:
  std::vector<handler_ptr> all_;  // In the order they were attached.
  // Searched only, never iterated, so addresses as keys decide no order.
  std::unordered_map<const void*, std::vector<handler_ptr>> by_type_;
  std::vector<handler_ptr> by_prefix_;
  std::uint64_t interest_ = 0;
};

/// The table that emitters read without locks and attachers replace.
///
/// A replaced table may still be read; it is freed by the first change that finds nobody reading, or with
/// the state. So attaching and detaching from within handlers only, for ever, would keep old tables.
struct telemetry_state {
  std::atomic<std::uint64_t> interest{0};

  telemetry_state() = default;
  telemetry_state(const telemetry_state&) = delete;
  telemetry_state& operator=(const telemetry_state&) = delete;

  /// Runs `fn(const handler_table&)`; the table stays alive meanwhile.
  template <class F>
  auto read(std::size_t stripe, F&& fn) {
    struct guard {
      explicit guard(std::atomic<std::uint32_t>& c) : count{c} { count.fetch_add(1, std::memory_order_seq_cst); }
      ~guard() { count.fetch_sub(1, std::memory_order_seq_cst); }
      guard(const guard&) = delete;
      guard& operator=(const guard&) = delete;
      std::atomic<std::uint32_t>& count;
    };
    auto reading = guard{readers_[stripe]};
    return fn(*table_.load(std::memory_order_seq_cst));
  }

  void add(handler_ptr h) {
    auto lock = std::lock_guard{change_};
    auto handlers = tables_.back()->all();
    handlers.push_back(std::move(h));
    publish(std::move(handlers));
  }

  void remove(const handler_ptr& h) {
    auto lock = std::lock_guard{change_};
    auto handlers = tables_.back()->all();
    if (std::erase(handlers, h) > 0)
      publish(std::move(handlers));
  }

  void clear() {
    auto lock = std::lock_guard{change_};
    for (const auto& h : tables_.back()->all())
      h->detached.store(true, std::memory_order_seq_cst);
    publish({});
  }

private:
  void publish(std::vector<handler_ptr> handlers) {
    tables_.push_back(std::make_unique<const handler_table>(std::move(handlers)));
    table_.store(tables_.back().get(), std::memory_order_seq_cst);
    interest.store(tables_.back()->interest(), std::memory_order_seq_cst);
    // A reader raises its count before it loads the pointer: a stripe seen at zero from here on has no reader
    // of an older table left.
    for (std::size_t i = 0; i < striped_counter::stripes; ++i)
      if (readers_[i].load(std::memory_order_seq_cst) != 0)
        return;
    tables_.erase(tables_.begin(), tables_.end() - 1);
  }

  std::mutex change_;                                                         // Held by whoever replaces the table.
  std::vector<std::unique_ptr<const handler_table>> tables_ = first_table();  // The last one is current.
  std::atomic<const handler_table*> table_{tables_.back().get()};
  striped_counter readers_;

  static std::vector<std::unique_ptr<const handler_table>> first_table() {
    auto tables = std::vector<std::unique_ptr<const handler_table>>{};
    tables.push_back(std::make_unique<const handler_table>());
    return tables;
  }
};

}  // namespace beamline::detail
