#pragma once

#include "web/live/assign.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>

/// Lists that live in the browser. The server holds an item only until the client has it.
///
///   live::stream<comment> comments{"comments"};             // ids "comments-<c.id>"
///   comments.insert(c);                                      // appended; or updated in place if the page has it
///   comments.insert(c, {.at = 0, .limit = 50});              // on top, the page keeps the first 50
///   comments.remove(c);  comments.reset();  comments.insert_all(list);
///
///   <ul id="comments" phx-update="stream"><li :for={{id, c} <- @streams.comments} id={id}>{c.text}</li></ul>
///
/// What is done between two renders that are sent has the effect of doing it step by step: an item inserted twice
/// stands where the first insertion puts it, as the second says; one inserted and removed is not there. Only places
/// between others are counted differently: the client removes first, then inserts. After a join the page shows only
/// what `mount` inserts. Each row must be one element with exactly that id, in a container with an id of its own; rows
/// are in the order of insertion.
namespace beamline::web::live {

// More changes that no render has sent yet make `insert` and `remove` throw: the view must insert less at a time.
inline constexpr std::size_t stream_pending_max = 100'000;

// A change that waits counts as its id, the size of its item and this, for what holds it and what the item has on the
// heap. An item that has more says its whole size by `std::size_t octets() const`.
inline constexpr std::size_t stream_change_octets = 384;

struct stream_options {
  int at = -1;                              // -1: at the end; 0: at the start; n: at that place. Only for new items.
  std::optional<int> limit = std::nullopt;  // n: the page keeps the first n items; -n: the last n.
  bool is_update_only = false;              // Ignored by the page if it does not have the item.
};

/// A stream without its items: what is to be sent about it.
class stream_base : public consumable_cell {
public:
  struct placement {
    std::string dom_id;
    stream_options options;
    std::size_t octets;  // About, with its item.
  };

  stream_base(const stream_base&) = delete;
  stream_base& operator=(const stream_base&) = delete;

  /// The page loses all items. Those inserted afterwards are put anew, keeping their elements.
  void reset();
  /// The page loses that item, if it has it.
  void remove_by_id(std::string_view dom_id);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Number within the view, as the client knows it; 0 until a render context has read the stream.
  [[nodiscard]] std::uint32_t number() const noexcept { return number_; }
  /// In the order of insertion, one for each id.
  [[nodiscard]] const std::map<std::uint64_t, placement>& placements() const noexcept { return placements_; }
  [[nodiscard]] const std::set<std::string, std::less<>>& removed() const noexcept { return removed_; }
  [[nodiscard]] bool is_reset() const noexcept { return is_reset_; }
  /// True if there is nothing to be sent.
  [[nodiscard]] bool is_idle() const noexcept { return placements_.empty() && removed_.empty() && !is_reset_; }
  /// What is kept of all that, about.
  [[nodiscard]] std::size_t octets() const noexcept { return octets_; }

protected:
  explicit stream_base(std::string name);
  ~stream_base() override;

  /// Notes an insertion of an item of that size and returns the number of its placement, a new one or that of an
  /// earlier insertion. None: the page does not have the item that is to be updated.
  std::optional<std::uint64_t> place(std::string dom_id, const stream_options& how, std::size_t item_octets);
  void consume() const noexcept override;

private:
  void join_view(render_scope& of) const override;
  virtual void drop_item(std::uint64_t at) = 0;
  virtual void drop_items() const noexcept = 0;
  void drop(std::uint64_t at);
  void weigh(std::size_t now) const noexcept;
  void check_room() const;
  [[nodiscard]] bool may_be_trimmed(std::uint64_t at) const;

  static constexpr auto no_limit = ~std::uint64_t{0};

  // The render sees the state as constant, but what it has sent is forgotten.
  std::string name_;
  mutable std::uint32_t number_ = 0;
  mutable bool is_reset_ = false;
  std::uint64_t last_ = 0;
  mutable std::uint64_t limit_min_ = no_limit;  // The smallest, of all that wait.
  mutable std::map<std::uint64_t, placement> placements_;
  mutable std::unordered_map<std::string_view, std::uint64_t> by_id_;  // Ids are those in placements_.
  mutable std::set<std::string, std::less<>> removed_;
  mutable std::size_t octets_ = 0;
  mutable std::shared_ptr<std::size_t> octets_of_view_;  // Those of all its streams. Null before the first render.
};

/// A stream of `T`. Its ids are "<name>-<item.id>", or what `id_of` says.
template <class T>
class stream final : public stream_base {
public:
  using value_type = T;
  using id_function = std::string (*)(const T&);

  struct entry {
    const std::string& id;
    const T& item;
  };
  class iterator;

  explicit stream(std::string name) requires requires(const T& t) { t.id; } : stream_base{std::move(name)} {
  }
  stream(std::string name, id_function id_of) : stream_base{std::move(name)}, id_of_{id_of} {}

  void insert(T item, const stream_options& how = {});
  template <class Items>
  void insert_all(Items&& items, const stream_options& how = {});
  void remove(const T& item) { remove_by_id(dom_id(item)); }
  [[nodiscard]] std::string dom_id(const T& item) const;

  // What is to be sent now, in the order of insertion: `for (const auto& [id, item] : comments)`.
  [[nodiscard]] iterator begin() const { return {placements().begin(), items_.begin()}; }
  [[nodiscard]] iterator end() const { return {placements().end(), items_.end()}; }

private:
  [[nodiscard]] static std::size_t octets_of(const T& item) {
    if constexpr (requires {
                    { item.octets() } -> std::convertible_to<std::size_t>;
                  })
      return item.octets();
    else
      return sizeof(T);
  }

  void drop_item(std::uint64_t at) override { items_.erase(at); }
  void drop_items() const noexcept override { items_.clear(); }

  id_function id_of_ = nullptr;
  mutable std::map<std::uint64_t, T> items_;  // One for each placement, under the same number.
};

template <class T>
class stream<T>::iterator {
public:
  using difference_type = std::ptrdiff_t;
  using value_type = entry;

  using placement_iterator = std::map<std::uint64_t, placement>::const_iterator;
  using item_iterator = typename std::map<std::uint64_t, T>::const_iterator;

  iterator(placement_iterator at, item_iterator item) : at_{at}, item_{item} {}
  [[nodiscard]] entry operator*() const { return {at_->second.dom_id, item_->second}; }
  iterator& operator++() {
    ++at_;
    ++item_;
    return *this;
  }
  friend bool operator==(const iterator& a, const iterator& b) { return a.at_ == b.at_; }

private:
  placement_iterator at_;
  item_iterator item_;
};

template <class T>
void stream<T>::insert(T item, const stream_options& how) {
  if (const auto at = place(dom_id(item), how, octets_of(item)))
    items_.insert_or_assign(*at, std::move(item));
}

template <class T>
template <class Items>
void stream<T>::insert_all(Items&& items, const stream_options& how) {
  for (auto&& item : items)
    insert(T(std::forward<decltype(item)>(item)), how);
}

template <class T>
std::string stream<T>::dom_id(const T& item) const {
  if (id_of_ != nullptr)
    return id_of_(item);
  if constexpr (requires { item.id; }) {
    if constexpr (std::integral<std::remove_cvref_t<decltype(item.id)>>)
      return name() + "-" + std::to_string(item.id);
    else
      return name() + "-" + std::string{std::string_view{item.id}};
  }
  return {};  // Not reached: without `item.id` a function must be given.
}

}  // namespace beamline::web::live
