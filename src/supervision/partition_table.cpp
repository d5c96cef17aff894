#include "supervision/partition_table.hpp"

#include "actors/process_table.hpp"
#include "base/random.hpp"

namespace beamline::supervision {

// FNV-1a, finished with mix64 because its low bits alone spread short keys badly.
std::uint64_t stable_hash(std::string_view key) noexcept {
  std::uint64_t h = 0xcbf29ce484222325ULL;
  for (unsigned char c : key)
    h = (h ^ c) * 0x100000001b3ULL;
  return mix64(h);
}

partition_table::partition_table(node_identity_ptr node, std::string name, std::size_t partitions)
    : node_{std::move(node)},
      name_{std::move(name)},
      capacity_{partitions},
      ids_{std::make_unique<std::atomic<std::uint64_t>[]>(partitions)} {}

pid partition_table::at(std::size_t index) const {
  auto id = index < capacity_ ? ids_[index].load(std::memory_order_acquire) : 0;
  return id == 0 ? pid{} : pid{node_, id};
}

pid partition_table::at_number(std::uint64_t number) const {
  auto n = count();
  return n == 0 ? pid{} : at(static_cast<std::size_t>(number % n));
}

partition_directory::~partition_directory() {
  for (auto& t : tables_)
    delete t.load(std::memory_order_relaxed);
}

const partition_table* partition_directory::find(std::string_view name) const noexcept {
  // The newest first: a supervisor that came back with another size has a table of its own.
  for (auto i = used_.load(std::memory_order_acquire); i > 0; --i)
    if (const auto* t = tables_[i - 1].load(std::memory_order_relaxed); t->name() == name)
      return t;
  return nullptr;
}

result<partition_table*> partition_directory::open(const node_identity_ptr& node, const std::string& name,
                                                   std::size_t partitions) {
  std::lock_guard lock{mutex_};
  auto used = used_.load(std::memory_order_relaxed);
  for (auto i = used; i > 0; --i) {
    auto* t = tables_[i - 1].load(std::memory_order_relaxed);
    if (t->name() != name)
      continue;
    if (t->capacity() == partitions)
      return t;
    break;
  }
  if (used == tables_max)
    return error{errc::too_large, "partition supervisor \"" + name + "\" is one too many: a node has at most "
                                      + std::to_string(tables_max) + " names and sizes of them in its life"};
  tables_[used].store(new partition_table{node, name, partitions}, std::memory_order_relaxed);
  used_.store(used + 1, std::memory_order_release);
  return tables_[used].load(std::memory_order_relaxed);
}

result<std::size_t> partition_count(const environment& env, std::string_view name) {
  const auto* t = env.get<partition_directory>().find(name);
  if (t == nullptr || env.processes().whereis(std::string{name}) == 0)
    return error{errc::not_found, "no partition supervisor is registered as \"" + std::string{name} + "\" (noproc)"};
  return t->count();
}

}  // namespace beamline::supervision
