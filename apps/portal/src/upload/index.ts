export { FileDrop } from './file-drop';
export { UploadProgress } from './upload-progress';
export type { UploadSnapshot, UploadStage, UploadTask } from './upload-task';
export { type Uploads, useUpload, useUploads } from './uploads';
