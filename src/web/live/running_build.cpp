#include "web/live/running_build.hpp"

#include "base/crypto.hpp"

#include <elf.h>
#include <link.h>

#include <cstddef>
#include <cstring>
#include <string_view>

namespace beamline::web::live {

using namespace std::string_view_literals;

namespace {

std::size_t padded(std::size_t octets) { return (octets + 3) & ~std::size_t{3}; }

/// The identity among the notes of one segment; empty: there is none.
std::string_view identity_in(std::string_view notes) {
  while (notes.size() >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) head;
    std::memcpy(&head, notes.data(), sizeof head);
    const auto name_at = sizeof head;
    const auto content_at = name_at + padded(head.n_namesz);
    const auto end = content_at + padded(head.n_descsz);
    if (end > notes.size())
      break;
    if (head.n_type == NT_GNU_BUILD_ID && notes.substr(name_at, head.n_namesz) == "GNU\0"sv)
      return notes.substr(content_at, head.n_descsz);
    notes.remove_prefix(end);
  }
  return {};
}

/// The program itself is the first that is visited.
int read_program(dl_phdr_info* info, std::size_t, void* out) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE)
      continue;
    const auto* start = reinterpret_cast<const char*>(info->dlpi_addr + segment.p_vaddr);
    if (auto found = identity_in({start, segment.p_memsz}); !found.empty()) {
      *static_cast<std::string*>(out) = base64url_encode(found);
      break;
    }
  }
  return 1;
}

}  // namespace

std::string running_build() {
  std::string out;
  dl_iterate_phdr(&read_program, &out);
  // A linker that was told to write none: then pages that are open stay as they are.
  return out.empty() ? "unidentified" : out;
}

}  // namespace beamline::web::live
