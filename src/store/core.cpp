#include "store/core.hpp"

namespace beamline::store {

result<backup_report> core::back_up(const std::filesystem::path&) {
  return error{errc::unsupported, "this database makes no backups by itself"};
}

}  // namespace beamline::store
