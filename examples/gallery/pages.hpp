#pragma once

#include <span>
#include <string_view>

namespace gallery {

/// One page of the gallery, as navigation and index show it.
struct page_entry {
  std::string_view path;
  std::string_view title;
  std::string_view summary;  // One sentence.
};

struct page_group {
  std::string_view title;
  std::span<const page_entry> pages;
};

/// All pages, in the order in which one would visit them.
[[nodiscard]] std::span<const page_group> page_groups();

/// The pages before and after that one; null at both ends, and for what is no page of the list.
struct page_neighbours {
  const page_entry* previous = nullptr;
  const page_entry* next = nullptr;
};
[[nodiscard]] page_neighbours neighbours_of(std::string_view path);

}  // namespace gallery
